"""What a project allows: APIs, accounts, policies, permissions and billing."""

import httpx2
import pytest

from emulators.google_cloud import GoogleCloud
from tests.support.google_cloud.deploying import ACCOUNT, HELLO, SERVICES, Deployer, archive

_PROJECT = "/v1/projects/proj-1"
_ACCOUNT = f"{_PROJECT}/serviceAccounts/{ACCOUNT}"


def _enabled(http: httpx2.Client) -> set[str]:
    services = http.get(f"{_PROJECT}/services", params={"filter": "state:ENABLED"}).json()["services"]
    return {service["config"]["name"].partition(".")[0] for service in services}


def test_a_new_project_has_what_enabling_itself_needs(http: httpx2.Client) -> None:
    assert _enabled(http) == {"cloudresourcemanager", "logging", "monitoring", "serviceusage"}


@pytest.mark.parametrize(
    ("path", "api"),
    [
        (f"{SERVICES}/hello", "run.googleapis.com"),
        ("/storage/v1/b/sources", "storage.googleapis.com"),
        (_ACCOUNT, "iam.googleapis.com"),
        (f"{_PROJECT}/billingInfo", "cloudbilling.googleapis.com"),
    ],
)
def test_an_api_that_is_not_enabled_is_403_with_the_reason(http: httpx2.Client, path: str, api: str) -> None:
    refused = http.get(path)

    error = refused.json()["error"]
    assert (refused.status_code, error["status"]) == (403, "PERMISSION_DENIED")
    assert "has not been used in project 123456789012 before or it is disabled" in error["message"]
    assert error["details"][0]["reason"] == "SERVICE_DISABLED"
    assert error["details"][0]["metadata"]["service"] == api


def test_apis_are_enabled_in_a_batch(http: httpx2.Client) -> None:
    apis = {"serviceIds": ["run.googleapis.com", "iam.googleapis.com"]}

    operation = http.post(f"{_PROJECT}/services:batchEnable", json=apis).json()

    assert operation["done"]
    assert _enabled(http) >= {"iam", "run"}
    states = [http.get(f"{_PROJECT}/services/{api}.googleapis.com").json()["state"] for api in ("run", "storage")]
    assert states == ["ENABLED", "DISABLED"]


def test_nothing_new_is_enabled_in_a_project_that_nobody_pays_for(cloud: GoogleCloud, http: httpx2.Client) -> None:
    cloud.billing_enabled = False

    refused = http.post(f"{_PROJECT}/services/run.googleapis.com:enable", json={})

    assert refused.json()["error"]["status"] == "FAILED_PRECONDITION"
    assert "Billing must be enabled" in refused.json()["error"]["message"]


def test_a_project_says_whether_somebody_pays(cloud: GoogleCloud, http: httpx2.Client) -> None:
    cloud.enabled.add("cloudbilling.googleapis.com")

    assert http.get(f"{_PROJECT}/billingInfo").json()["billingEnabled"] is True


def test_permissions_that_are_held_are_named(cloud: GoogleCloud, http: httpx2.Client) -> None:
    cloud.denied_permissions.add("run.services.create")
    asked = {"permissions": ["run.services.create", "run.services.get"]}

    assert http.post(f"{_PROJECT}:testIamPermissions", json=asked).json() == {"permissions": ["run.services.get"]}


def test_a_policy_is_replaced_only_by_who_read_it_last(deployer: Deployer) -> None:
    deployer.create(deployer.declared(deployer.upload(archive(main=HELLO))))
    binding = {"role": "roles/run.invoker", "members": ["user:a@example.com"]}
    read = deployer.call("GET", f"{SERVICES}/hello:getIamPolicy")

    first = deployer.call("POST", f"{SERVICES}/hello:setIamPolicy", {"policy": read | {"bindings": [binding]}})
    second = deployer.http.post(f"{SERVICES}/hello:setIamPolicy", json={"policy": read})

    assert first["bindings"] == [binding]
    assert (second.status_code, second.json()["error"]["status"]) == (409, "ABORTED")


def test_an_account_is_changed_and_deleted(deployer: Deployer, http: httpx2.Client) -> None:
    wanted = {"serviceAccount": {"displayName": "Runner"}, "updateMask": "display_name"}
    deployer.call("PATCH", _ACCOUNT, wanted)
    changed = deployer.call("GET", _ACCOUNT)
    deployer.call("DELETE", _ACCOUNT)

    assert changed["displayName"] == "Runner"
    assert http.get(_ACCOUNT).json()["error"]["message"] == "Unknown service account"


@pytest.mark.parametrize(("account_id", "status"), [("runner", 409), ("no", 400), ("A-capital", 400)])
def test_an_account_needs_a_free_and_proper_id(deployer: Deployer, account_id: str, status: int) -> None:
    answer = deployer.http.post(f"{_PROJECT}/serviceAccounts", json={"accountId": account_id})

    assert answer.status_code == status


def test_a_service_needs_an_account_that_exists(deployer: Deployer, http: httpx2.Client) -> None:
    service = deployer.declared(deployer.upload(archive(main=HELLO)))
    deployer.call("DELETE", _ACCOUNT)

    refused = http.post(SERVICES, params={"serviceId": "hello"}, json=service)

    assert refused.status_code == 403
    assert "'iam.serviceaccounts.actAs' denied on service account" in refused.json()["error"]["message"]
