"""The preflight checks what the first deployment needs, and names a remedy for each missing thing."""

import json
from collections.abc import Callable, Generator
from dataclasses import replace
from typing import Any, cast

import pytest

from emulators.google_cloud.callers import Caller
from emulators.google_cloud.errors import ApiError
from emulators.google_cloud.state import GoogleCloud
from operations.stack import LiveStack
from operations.verify.check import run_checks
from operations.verify.preflight import PREFLIGHT
from tests.support.operations import breaking
from tests.support.operations.typing_commands import Shell

_GOOGLE = ["billing", "APIs", "permissions", "deploy without a build"]
_NO_KEY = "There are no credentials for Google: gcp:credentials is neither a file nor JSON."


@pytest.fixture(name="planned", scope="module")
def planned_stack(fresh: Shell) -> Generator[LiveStack]:
    """Yield the stack before anything was deployed, in a project where Cloud Run's API is on already."""
    fresh.deployed.vendors.cloud.enabled.add("run.googleapis.com")
    with fresh.entered():
        yield LiveStack.read("rehearsal")


def failing(stack: LiveStack) -> dict[str, str]:
    anew = replace(stack)  # which has no token yet
    found = run_checks(PREFLIGHT, anew)
    assert all(bool(each.remedy) is not each.holds for each in found)
    return {each.check: each.seen for each in found if not each.holds}


def told(stack: LiveStack, **settings: str) -> LiveStack:
    """Return the stack with other settings; an empty one is as good as none."""
    changed = {key.replace("_", ":"): {"value": value, "secret": False} for key, value in settings.items()}
    return replace(stack, config={**stack.config, **changed})


def test_a_new_project_and_tenant_are_ready(fresh: Shell, planned: LiveStack) -> None:
    assert failing(planned) == {}
    assert not fresh.deployed.vendors.cloud.services


def test_a_missing_scope_is_named(fresh: Shell, planned: LiveStack) -> None:
    with breaking.without_scope("read:connections_options")(fresh, planned) as broken:
        assert failing(broken) == {"Auth0 scopes": "Missing scopes: read:connections_options."}


def unpaid(cloud: GoogleCloud) -> Callable[[], None]:
    cloud.billing_enabled = False
    return lambda: setattr(cloud, "billing_enabled", True)


def without(api: str) -> Callable[[GoogleCloud], Callable[[], None]]:
    def off(cloud: GoogleCloud) -> Callable[[], None]:
        cloud.enabled.discard(api)
        return lambda: cloud.enabled.add(api)

    return off


def not_permitted(cloud: GoogleCloud) -> Callable[[], None]:
    cloud.denied_permissions.add("storage.buckets.create")
    return cloud.denied_permissions.clear


BREAKAGES = {
    "unpaid": (unpaid, ["billing"], "has no billing account"),
    # Permissions are asked of the API that is off.
    "no Resource Manager": (
        without("cloudresourcemanager.googleapis.com"),
        ["APIs", "permissions"],
        "cloudresourcemanager.googleapis.com is off.",
    ),
    "not permitted": (not_permitted, ["permissions"], "Missing permissions: storage.buckets.create."),
    "no Cloud Run": (without("run.googleapis.com"), ["deploy without a build"], "run.googleapis.com"),
}


@pytest.mark.parametrize("name", BREAKAGES)
def test_what_lacks_at_google_is_noticed(fresh: Shell, planned: LiveStack, name: str) -> None:
    broken, checks, word = BREAKAGES[name]
    mend = broken(fresh.deployed.vendors.cloud)
    noticed = failing(planned)
    mend()

    assert list(noticed) == checks
    assert word in noticed[checks[0]]


def test_each_check_is_made_to_fail() -> None:
    noticed = {check for _, checks, _ in BREAKAGES.values() for check in checks}
    # The settings below make Google's login fail.
    assert {"Auth0 scopes", "Google login", *noticed} == {check.name for check in PREFLIGHT[1:]}


@pytest.mark.parametrize(
    ("settings", "checks", "word"),
    [
        ({"gcp_project": ""}, _GOOGLE, "gcp:project is not set."),
        ({"gcp_region": ""}, ["deploy without a build"], "gcp:region is not set."),
        ({"gcp_accessToken": "", "gcp_credentials": "no-key"}, ["Google login", *_GOOGLE], _NO_KEY),
    ],
)
def test_a_setting_that_is_missing_or_wrong_is_named(
    planned: LiveStack, settings: dict[str, str], checks: list[str], word: str
) -> None:
    noticed = failing(told(planned, **settings))

    assert list(noticed) == checks
    assert set(noticed.values()) == {word}


def test_it_prints_whom_it_acts_as(fresh: Shell, planned: LiveStack) -> None:
    seen = {each.check: each.seen for each in run_checks(PREFLIGHT, replace(planned))}

    domain = fresh.deployed.vendors.domain
    assert seen["Auth0 login"] == f"acts as application rehearsal-deployer at {domain}, by its secret."
    assert seen["Google login"] == "acts as the owner of an access token."


def test_an_image_needs_no_deployment_without_a_build(fresh: Shell, planned: LiveStack) -> None:
    mend = without("run.googleapis.com")(fresh.deployed.vendors.cloud)
    noticed = failing(told(planned, **{"tiktok-login_image": "docker.io/example/token-proxy:1"}))
    mend()

    assert noticed == {}


def service_bodies(cloud: GoogleCloud) -> list[dict[str, Any]]:
    """Return the services that Cloud Run was asked to create or to validate."""
    return [
        json.loads(each.request_body)
        for each in cloud.received
        if each.method == "POST" and each.path.endswith("/locations/europe-west1/services")
    ]


def test_cloud_run_validates_what_the_program_deploys(own: Shell) -> None:
    own.set({"memory": "2Gi", "minInstances": "1"})
    own.deployed.vendors.cloud.enabled.add("run.googleapis.com")
    printed = own.python("-m", "operations.verify", "rehearsal", "--preflight").stdout
    assert "ok    deploy without a build" in printed
    assert "ok    bootstrap: not checked" in printed
    own.deployed.stack.up()

    validated, deployed = service_bodies(own.deployed.vendors.cloud)
    assert deployed["template"]["containers"][0].pop("env")
    # Neither the account nor the archive exists before the deployment, and the labels name the archive.
    assert deployed["template"].pop("serviceAccount")
    for body in (validated, deployed):
        body.pop("labels", None)
        body["template"]["containers"][0].pop("env", None)
        body["template"]["containers"][0]["sourceCode"]["cloudStorageSource"] = {}
    assert without_nulls(validated) == without_nulls(deployed)


def without_nulls(value: Any) -> Any:  # noqa: ANN401  # any JSON
    if isinstance(value, dict):
        members = cast("dict[str, Any]", value).items()
        return {name: without_nulls(each) for name, each in members if each is not None}
    return [without_nulls(each) for each in cast("list[Any]", value)] if isinstance(value, list) else value


@pytest.mark.parametrize(
    ("refusal", "seen"),
    [
        ("The bucket proj-1-tiktok-proxy-rehearsal does not exist.", ""),
        ("Constraint constraints/run.managed.requireInvokerIam violated.", "requireInvokerIam"),
    ],
)
def test_what_cloud_run_refuses_counts_unless_it_is_the_archive_that_is_missing(
    fresh: Shell, planned: LiveStack, refusal: str, seen: str
) -> None:
    fresh.deployed.vendors.cloud.queue_error(ApiError("INVALID_ARGUMENT", refusal), method="POST", path="*/services")
    noticed = failing(planned)
    assert list(noticed) == (["deploy without a build"] if seen else [])
    assert seen in noticed.get("deploy without a build", "")


def test_a_size_that_cloud_run_refuses_is_noticed(planned: LiveStack) -> None:
    noticed = failing(told(planned, **{"tiktok-login_cpu": "8"}))
    assert list(noticed) == ["deploy without a build"]
    assert "limits.memory" in noticed["deploy without a build"]


def test_a_persons_token_needs_a_quota_project(fresh: Shell, planned: LiveStack) -> None:
    cloud = fresh.deployed.vendors.cloud
    cloud.callers["a-persons"] = Caller(email="ada@example.com", is_person=True)
    stack = told(planned, gcp_accessToken="a-persons")

    noticed = failing(stack)
    assert list(noticed) == _GOOGLE
    assert all("the token is a person's: set gcp:userProjectOverride to true." in seen for seen in noticed.values())
    assert failing(told(stack, gcp_userProjectOverride="true")) == {}
