"""What the first deployment needs is asked for before it, and each thing that lacks has its remedy."""

import sys
from collections.abc import Callable, Generator
from dataclasses import replace
from pathlib import Path

import pytest

from emulators.google_cloud.state import GoogleCloud
from operations.stack import LiveStack
from operations.verify.check import run_checks
from operations.verify.preflight import PREFLIGHT
from tests.support.operations import breaking
from tests.support.operations.typing_commands import Shell

_GOOGLE = ["billing", "APIs", "permissions", "deploy without a build"]
_GCLOUD = f"""#!{sys.executable}
import sys
assert sys.argv[1:] == ["auth", "application-default", "print-access-token"]
print("a-token")
"""


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
    assert {"Auth0 scopes", *noticed} == {check.name for check in PREFLIGHT}


@pytest.mark.parametrize(
    ("settings", "checks", "word"),
    [
        ({"gcp_project": ""}, _GOOGLE, "gcp:project is not set."),
        ({"gcp_region": ""}, ["deploy without a build"], "gcp:region is not set."),
        ({"gcp_accessToken": ""}, _GOOGLE, "There is no gcloud CLI on PATH, and no GOOGLE_OAUTH_ACCESS_TOKEN."),
    ],
)
def test_a_setting_that_lacks_is_a_sentence(
    planned: LiveStack, monkeypatch: pytest.MonkeyPatch, settings: dict[str, str], checks: list[str], word: str
) -> None:
    monkeypatch.setenv("PATH", "")

    noticed = failing(told(planned, **settings))

    assert list(noticed) == checks
    assert set(noticed.values()) == {word}


def test_google_is_asked_by_the_login_of_gcloud(
    planned: LiveStack, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "gcloud").write_text(_GCLOUD)
    (tmp_path / "gcloud").chmod(0o700)
    monkeypatch.setenv("PATH", str(tmp_path))

    assert failing(told(planned, gcp_accessToken="")) == {}


def test_an_image_needs_no_deployment_without_a_build(fresh: Shell, planned: LiveStack) -> None:
    mend = without("run.googleapis.com")(fresh.deployed.vendors.cloud)
    noticed = failing(told(planned, **{"tiktok-login_image": "docker.io/example/token-proxy:1"}))
    mend()

    assert noticed == {}
