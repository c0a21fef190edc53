"""The component package in a program of another project, run by Pulumi's engine."""

from collections.abc import Generator
from pathlib import Path

import httpx2
import pulumi
import pytest
from pulumi.automation import PulumiCommand
from pulumi_gcp import serviceaccount

from rehearsal.emulated_vendors import emulated_vendors
from rehearsal.environment import clean_environment
from tests.support.engine.driving import secrets_in
from tests.support.engine.package import PackageUser, package_user


@pytest.fixture
def user(pulumi: PulumiCommand, tmp_path: Path) -> Generator[PackageUser]:
    with clean_environment(), emulated_vendors() as vendors, package_user(vendors, pulumi, tmp_path) as user:
        yield user
        assert not secrets_in(tmp_path, user.said, [vendors.client_secret, vendors.deployer_secret])


def test_a_program_gets_changes_and_removes_sign_in_with_tiktok(user: PackageUser) -> None:
    user.arguments["iconUrl"] = lambda: pulumi.Output.from_input("https://shop.example/tiktok.svg")
    user.up()
    outputs = {name: output.value for name, output in user.stack.outputs().items()}
    assert httpx2.get(outputs["healthUrl"]).status_code == 200
    assert outputs["redirectUri"] == f"{user.vendors.login_origin}/login/callback"
    assert outputs["tokenUrl"] == f"{outputs['proxyUrl']}/proxy/token"
    [connection] = user.vendors.tenant.connections.values()
    assert connection["options"]["tokenURL"] == outputs["tokenUrl"]
    assert user.up() == []

    user.vendors.tenant.add_application("second", "not-a-secret-of-ours")
    user.arguments["applications"] = {"second": "second", "web": "rehearsal-application"}
    assert user.up() == [("create", "login-on-second")]
    user.arguments["applications"] = {"second": "second"}
    assert user.up() == [("delete", "login-on-web")]

    user.stack.destroy()
    assert not user.vendors.tenant.connections


def test_the_first_preview_knows_no_value_of_another_resource_and_the_update_uses_it(user: PackageUser) -> None:
    def create_application(unique_id: str) -> str:
        user.vendors.tenant.add_application(unique_id, "not-a-secret-of-ours")
        return unique_id

    def unknown(name: str) -> pulumi.Output[str]:
        return serviceaccount.Account(name, account_id=name).unique_id

    user.arguments["clientSecret"] = lambda: pulumi.Output.secret(unknown("secret-source"))
    user.arguments["applications"] = lambda: {"web": unknown("application-source").apply(create_application)}

    planned = user.preview()

    assert not user.vendors.tenant.connections
    assert {("create", name) for name in ("login-connection", "login-on-web", "login-proxy-service")} <= set(planned)
    assert set(user.up()) == set(planned)
    assert user.preview() == []
    [connection] = user.vendors.tenant.connections.values()
    ids = {account["email"].partition("@")[0]: account["uniqueId"] for account in user.vendors.cloud.accounts.values()}
    assert connection["options"]["client_secret"] == ids["secret-source"]
    assert user.vendors.tenant.enabled == {connection["id"]: [ids["application-source"]]}


def test_an_output_is_checked_when_it_is_known(user: PackageUser) -> None:
    user.arguments["iconUrl"] = lambda: pulumi.Output.secret("http://shop.example/tiktok.svg")
    assert "iconUrl must be an https address." in user.refusal()


def test_a_secret_that_is_rotated_changes_proxy_and_connection(user: PackageUser) -> None:
    user.arguments["hosting"] = {"maxInstances": 3, "concurrency": 20}
    user.up()
    before = user.vendors.client_secret
    user.arguments["previousClientSecret"] = lambda: pulumi.Output.secret(before)
    user.arguments["clientSecret"] = lambda: pulumi.Output.secret("another-client-secret")
    assert sorted(user.up()) == [("update", "login-connection"), ("update", "login-proxy-service")]
    [connection] = user.vendors.tenant.connections.values()
    assert connection["options"]["client_secret"] == "another-client-secret"
    assert not secrets_in(user.folder, user.said, ["another-client-secret"])


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (
            {"connectionName": "tiktok--shop"},
            "connectionName must be at most 128 letters, digits and single hyphens between them, not 'tiktok--shop'.",
        ),
        (
            {"hosting": lambda: {"maxInstances": pulumi.Output.secret(3)}},
            "hosting.maxInstances must be a plain value, not the output of a resource or a secret.",
        ),
        ({"userId": "username"}, "userId"),
    ],
)
def test_a_wrong_argument_is_one_sentence(user: PackageUser, arguments: dict[str, object], sentence: str) -> None:
    user.arguments |= arguments
    said = user.refusal()
    assert sentence in said
    # The SDK of the user's program may print where it was when the engine stopped.
    assert all("resource monitor shut down" in traceback for traceback in said.split("Traceback")[1:])
