"""Each call takes a permission, which roles grant; a person's credentials need a quota project."""

from dataclasses import replace
from typing import Any

import httpx2
import pytest

from emulators.google_cloud import ROLES, Caller, GoogleCloud
from infra.permissions import DEPLOYER_ALERT_ROLES, DEPLOYER_ROLES, READER_ALERT_ROLES, READER_ROLES
from tests.support.google_cloud.deploying import ACCOUNT, HELLO, SERVICES, Deployer, archive

_DENIED = "Permission 'PERMISSION' denied on resource (or it may not exist)."
_PROJECT = "/v1/projects/proj-1"
_DEPLOYER = Caller(roles=frozenset(DEPLOYER_ROLES))
_READER = Caller(roles=frozenset(READER_ROLES))
_PERSON = Caller(email="somebody@example.com", roles=frozenset(DEPLOYER_ROLES), is_person=True)


def _deploy(deployer: Deployer) -> None:
    """Send each call of a deployment and of its end."""
    deployer.call("GET", f"{_PROJECT}/services?filter=state:ENABLED")
    deployer.call("POST", f"{_PROJECT}/services/logging.googleapis.com:enable", {})
    deployer.call("GET", _PROJECT)
    deployer.prepare()
    deployer.create(deployer.declared(deployer.upload(archive(main=HELLO))))
    policy = deployer.call("GET", f"{SERVICES}/hello:getIamPolicy")
    deployer.call("POST", f"{SERVICES}/hello:setIamPolicy", {"policy": policy})
    deployer.update(deployer.service())
    deployer.ended(deployer.call("DELETE", f"{SERVICES}/hello"))
    for version in deployer.call("GET", f"/storage/v1/b/{deployer.bucket}/o?versions=true")["items"]:
        generation = version["generation"]
        deployer.call("DELETE", f"/storage/v1/b/{deployer.bucket}/o/{version['name']}?generation={generation}")
    deployer.call("DELETE", f"/storage/v1/b/{deployer.bucket}")
    deployer.call("DELETE", f"{_PROJECT}/serviceAccounts/{ACCOUNT}")


@pytest.fixture
def newcomer(cloud: GoogleCloud, http: httpx2.Client) -> Deployer:
    """Return a deployer with the documented roles, in a project to which nothing was deployed."""
    cloud.enabled |= {f"{api}.googleapis.com" for api in ("iam", "run", "storage")}
    cloud.deployer = _DEPLOYER
    return Deployer(http)


def test_the_documented_roles_are_enough_for_each_call(newcomer: Deployer) -> None:
    _deploy(newcomer)


@pytest.mark.parametrize("role", DEPLOYER_ROLES)
def test_without_one_of_the_documented_roles_a_call_is_403(cloud: GoogleCloud, newcomer: Deployer, role: str) -> None:
    cloud.deployer = replace(_DEPLOYER, roles=_DEPLOYER.roles - {role})

    with pytest.raises(AssertionError, match=r"PERMISSION_DENIED|does not have storage"):
        _deploy(newcomer)


def test_a_reader_reads_what_a_deployer_made_and_changes_nothing(cloud: GoogleCloud, deployer: Deployer) -> None:
    deployer.create(deployer.declared(deployer.upload(archive(main=HELLO))))
    cloud.deployer = _READER

    for path in (
        _PROJECT,
        f"{_PROJECT}/services?filter=state:ENABLED",
        f"{_PROJECT}/serviceAccounts/{ACCOUNT}",
        f"/storage/v1/b/{deployer.bucket}",
        f"/storage/v1/b/{deployer.bucket}/o/source.tar.gz",
        f"{SERVICES}/hello",
        f"{SERVICES}/hello:getIamPolicy",
    ):
        deployer.call("GET", path)
    assert deployer.http.delete(f"{SERVICES}/hello").status_code == 403


def test_each_documented_role_grants_something_that_no_other_does() -> None:
    for roles in ({**DEPLOYER_ROLES, **DEPLOYER_ALERT_ROLES}, {**READER_ROLES, **READER_ALERT_ROLES}):
        for role in roles:
            others = frozenset[str]().union(*(ROLES[other] for other in roles if other != role))
            assert ROLES[role] - others, role


_CALLS = {
    f"GET {_PROJECT}": "resourcemanager.projects.get",
    f"GET {_PROJECT}/billingInfo": "resourcemanager.projects.get",
    f"GET {_PROJECT}/services": "serviceusage.services.list",
    f"GET {_PROJECT}/services/run.googleapis.com": "serviceusage.services.get",
    f"POST {_PROJECT}/services/run.googleapis.com:enable": "serviceusage.services.enable",
    f"POST {_PROJECT}/services:batchEnable": "serviceusage.services.enable",
    f"POST {_PROJECT}/serviceAccounts": "iam.serviceAccounts.create",
    f"GET {_PROJECT}/serviceAccounts/{ACCOUNT}": "iam.serviceAccounts.get",
    f"PATCH {_PROJECT}/serviceAccounts/{ACCOUNT}": "iam.serviceAccounts.update",
    f"DELETE {_PROJECT}/serviceAccounts/{ACCOUNT}": "iam.serviceAccounts.delete",
    "POST /storage/v1/b?project=proj-1": "storage.buckets.create",
    "GET /storage/v1/b/sources": "storage.buckets.get",
    "PATCH /storage/v1/b/sources": "storage.buckets.update",
    "DELETE /storage/v1/b/sources": "storage.buckets.delete",
    "GET /storage/v1/b/sources/o": "storage.objects.list",
    "GET /storage/v1/b/sources/o/source.tar.gz": "storage.objects.get",
    "DELETE /storage/v1/b/sources/o/source.tar.gz": "storage.objects.delete",
    "POST /upload/storage/v1/b/sources/o?uploadType=multipart": "storage.objects.create",
    f"POST {SERVICES}?serviceId=hello": "run.services.create",
    f"GET {SERVICES}/hello": "run.services.get",
    f"PATCH {SERVICES}/hello": "run.services.update",
    f"DELETE {SERVICES}/hello": "run.services.delete",
    f"GET {SERVICES}/hello:getIamPolicy": "run.services.getIamPolicy",
    f"POST {SERVICES}/hello:setIamPolicy": "run.services.setIamPolicy",
}


@pytest.mark.parametrize("call", _CALLS)
def test_each_call_takes_a_permission_of_its_own(cloud: GoogleCloud, deployer: Deployer, call: str) -> None:
    """https://docs.cloud.google.com/iam/docs/permissions-reference."""
    cloud.enabled.add("cloudbilling.googleapis.com")
    cloud.denied_permissions.add(_CALLS[call])

    method, _, path = call.partition(" ")
    refused = deployer.http.request(method, path)

    assert refused.status_code == 403
    assert _CALLS[call] in refused.text


@pytest.mark.parametrize(
    ("permission", "call", "message"),
    [
        (
            "run.services.get",
            ("GET", f"{SERVICES}/hello", None),
            f"Permission 'run.services.get' denied on resource '{SERVICES[4:]}/hello' (or resource may not exist).",
        ),
        (
            "storage.buckets.create",
            ("POST", "/storage/v1/b?project=proj-1", {"name": "another"}),
            f"{_DEPLOYER.email} does not have storage.buckets.create access to the Google Cloud project. {_DENIED}",
        ),
        (
            "storage.objects.get",
            ("GET", "/storage/v1/b/sources/o/a", None),
            f"{_DEPLOYER.email} does not have storage.objects.get access to the Google Cloud Storage object. {_DENIED}",
        ),
    ],
)
def test_a_permission_that_is_denied_is_named(
    cloud: GoogleCloud, deployer: Deployer, permission: str, call: tuple[str, str, Any], message: str
) -> None:
    cloud.denied_permissions.add(permission)

    method, path, body = call
    refused = deployer.http.request(method, path, json=body)

    assert (refused.status_code, refused.json()["error"]["message"]) == (403, message.replace("PERMISSION", permission))


@pytest.mark.parametrize("permission", ["iam.serviceAccounts.actAs", "run.services.setIamPolicy"])
def test_deploying_takes_more_than_the_permission_to_create(
    cloud: GoogleCloud, deployer: Deployer, permission: str
) -> None:
    cloud.denied_permissions.add(permission)

    service = deployer.declared(deployer.upload(archive(main=HELLO)))
    refused = deployer.http.post(SERVICES, params={"serviceId": "hello"}, json=service)

    assert refused.status_code == 403
    assert permission.lower() in refused.json()["error"]["message"].lower()


def _ask_as_a_person(cloud: GoogleCloud, http: httpx2.Client, caller: Caller = _PERSON, **headers: str) -> Any:  # noqa: ANN401  # any JSON value
    cloud.callers["of-a-person"] = caller
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return http.get(_PROJECT, headers={"authorization": "Bearer of-a-person"} | named).json()


def test_user_credentials_need_a_quota_project(cloud: GoogleCloud, http: httpx2.Client) -> None:
    error = _ask_as_a_person(cloud, http)["error"]

    assert error["code"] == 403
    assert "API requires a quota project, which is not set by default." in error["message"]
    assert _ask_as_a_person(cloud, http, x_goog_user_project="proj-1")["projectId"] == "proj-1"


@pytest.mark.parametrize(
    ("named", "roles"), [("somebody-elses", DEPLOYER_ROLES), ("proj-1", READER_ROLES)], ids=["not theirs", "no use"]
)
def test_a_quota_project_takes_the_permission_to_use_it(
    cloud: GoogleCloud, http: httpx2.Client, named: str, roles: dict[str, str]
) -> None:
    caller = replace(_PERSON, roles=frozenset(roles))

    error = _ask_as_a_person(cloud, http, caller, x_goog_user_project=named)["error"]

    assert error["message"].startswith(f"Caller does not have required permission to use project {named}.")


def test_a_service_account_needs_no_quota_project(http: httpx2.Client) -> None:
    assert http.get(_PROJECT).status_code == 200
