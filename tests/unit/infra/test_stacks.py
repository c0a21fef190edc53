"""The stacks of this repository as a whole: their differences and their outputs."""

from typing import Any

import pytest
import yaml

from tests.support.infra.declaring import ROOT, Recorder
from tests.support.infra.stacks import SECRET, deployed


def _config(file: str) -> dict[str, Any]:
    return yaml.safe_load((ROOT / file).read_text())["config"]


def test_every_key_is_typed_and_described_and_can_be_left_out() -> None:
    assert all({"type", "description", "default"} <= declared.keys() for declared in _config("Pulumi.yaml").values())


def test_the_stacks_as_committed_set_the_same_described_keys_and_no_credentials() -> None:
    assert _config("Pulumi.dev.yaml").keys() == _config("Pulumi.prod.yaml").keys()
    assert _config("Pulumi.dev.yaml").keys() < _config("Pulumi.yaml").keys() - {"clientKey", "clientSecret"}


def _names(stack: Recorder) -> set[str]:
    return {each.inputs.get("name") or each.inputs.get("accountId") or each.name for each in stack.declared}


def test_the_outputs_say_where_everything_is_and_what_to_paste_into_the_portal() -> None:
    assert deployed(scopes=["user.info.basic", "user.info.profile"]).exports == {
        "proxy_url": "https://token-proxy-abc-ew.a.run.app",
        "health_url": "https://token-proxy-abc-ew.a.run.app/health",
        "connection_id": "tiktok-connection-id",
        "connection_name": "tiktok-dev",
        "tiktok_portal": {
            "redirect_uri": "https://example.eu.auth0.com/login/callback",
            "redirect_domain": "example.eu.auth0.com",
            "products": ["Login Kit"],
            "scopes": ["user.info.basic", "user.info.profile"],
        },
        "version": "0.1.0-0123456789ab",
    }


def test_callback_and_redirect_domain_follow_a_custom_domain() -> None:
    portal = deployed(loginOrigin="https://login.example.com").exports["tiktok_portal"]
    assert portal["redirect_uri"] == "https://login.example.com/login/callback"
    assert portal["redirect_domain"] == "login.example.com"


def test_two_stacks_in_one_project_and_tenant_share_no_name() -> None:
    dev, prod = _names(deployed("dev")), _names(deployed("prod"))
    # Components, APIs and archives, which are named for what they are, may be called alike.
    alike = {name for name in dev & prod if "-api-" not in name and "source-" not in name}
    assert alike == {"tiktok-proxy", "tiktok", "tiktok-guard"}


def test_production_is_protected_and_development_is_not() -> None:
    def protected(stack: Recorder) -> set[str]:
        return {each.name for each in stack.declared if each.protect}

    def kept_by_google(stack: Recorder) -> object:
        return stack.only("cloudrunv2/service:Service").inputs["deletionProtection"]

    prod, dev = deployed("prod"), deployed("dev")
    assert protected(prod) == {"tiktok-proxy-service", "tiktok-connection", "tiktok-guard"}
    assert kept_by_google(prod) is True
    assert protected(dev) == set()
    assert kept_by_google(dev) is False


def test_a_destroy_starts_with_the_guard_because_it_depends_on_the_rest() -> None:
    stack = deployed("prod", Recorder({"app1": "Shop"}), applications=["app1"])
    guard = stack.only(":DestroyGuard")
    assert guard.dependencies == ["tiktok-connection", "tiktok-on-app1"]


def test_no_secret_is_declared_in_clear() -> None:
    stack = deployed(previousClientSecret="s3cr3t-zero")
    told = f"{stack.declared}{stack.outputs}{stack.said}"
    assert told.count("s3cr3t-one") == told.count(str({"value": "s3cr3t-one", **SECRET})) + told.count(
        str({**SECRET, "value": "s3cr3t-one"})
    )
    assert "s3cr3t-zero" not in told


def test_a_proxy_that_runs_elsewhere_needs_nothing_of_google() -> None:
    stack = deployed(proxyUrl="https://tunnel.example.com", **{"gcp:project": None, "gcp:region": None})
    assert not [each for each in stack.declared if each.type.startswith("gcp:")]
    assert stack.only(":Connection").inputs["options"]["tokenEndpoint"] == "https://tunnel.example.com/proxy/token"
    assert stack.exports["proxy_url"] == "https://tunnel.example.com"
    assert stack.exports["health_url"] == "https://tunnel.example.com/health"


def test_a_sandbox_key_in_a_protected_stack_is_warned_of() -> None:
    ((level, sentence),) = deployed("prod", clientKey="sb123").said
    assert level == "WARNING"
    assert sentence == "The client key looks like a sandbox's (sb...), but protect says that this stack has real users."


@pytest.mark.parametrize(("stack", "key"), [("dev", "sb123"), ("prod", "aw123")])
def test_a_key_where_it_belongs_is_not_warned_of(stack: str, key: str) -> None:
    assert deployed(stack, clientKey=key).said == []
