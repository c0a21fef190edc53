"""One program with two tenants and two Google Cloud projects, each reached by providers of its own."""

from collections.abc import Generator
from functools import partial
from pathlib import Path

import pulumi
import pulumi_auth0 as auth0
import pytest
from pulumi.automation import PulumiCommand

from emulators.kit.authority import ThrowAwayAuthority
from rehearsal.emulated_vendors import EmulatedVendors, Registration, emulated_vendors
from rehearsal.environment import clean_environment
from tests.support.engine.driving import nothing_is_deployed
from tests.support.engine.package import PackageUser, RemoteLogin, declare_providers, login_arguments, package_user


@pytest.fixture
def two_vendors() -> Generator[tuple[EmulatedVendors, EmulatedVendors]]:
    authority = ThrowAwayAuthority()  # one for both tenants, as on the internet
    with (
        clean_environment(),
        emulated_vendors(applications=[Registration(name="shop")], project="proj-shop", authority=authority) as shop,
        emulated_vendors(applications=[Registration(name="blog")], project="proj-blog", authority=authority) as blog,
    ):
        yield shop, blog


@pytest.fixture
def user(
    two_vendors: tuple[EmulatedVendors, EmulatedVendors], pulumi: PulumiCommand, tmp_path: Path
) -> Generator[PackageUser]:
    with package_user(two_vendors[0], pulumi, tmp_path) as user:
        user.stack.remove_all_config(list(user.stack.get_all_config()))  # so there is no default provider
        user.stack.workspace.program = partial(_declare_logins, two_vendors)
        yield user


def _declare_logins(two_vendors: tuple[EmulatedVendors, EmulatedVendors]) -> None:
    for vendors in two_vendors:
        _declare_login(vendors)


def _declare_login(vendors: EmulatedVendors) -> None:
    [application] = [each.name for each in vendors.applications]
    providers = declare_providers(application, vendors)
    found = auth0.get_client_output(client_id=application, opts=pulumi.InvokeOutputOptions(provider=providers[0]))
    arguments = {
        **login_arguments(vendors),
        "clientSecret": pulumi.Output.secret(vendors.client_secret),
        "applications": {"web": found.client_id},
        "hosting": {"project": vendors.cloud.project, "region": "europe-west1"},
    }
    RemoteLogin(application, arguments, pulumi.ResourceOptions(providers=providers))


def test_each_component_stays_with_the_tenant_and_the_project_of_its_providers(
    user: PackageUser, two_vendors: tuple[EmulatedVendors, EmulatedVendors]
) -> None:
    user.stack.preview()
    assert all(nothing_is_deployed(vendors) for vendors in two_vendors)

    user.up()
    for vendors in two_vendors:
        [connection] = vendors.tenant.connections.values()
        [service] = vendors.cloud.services.values()
        [bucket] = vendors.cloud.buckets
        assert connection["options"]["client_secret"] == vendors.client_secret
        assert connection["options"]["tokenURL"] == service.resource["uri"] + "/proxy/token"
        assert bucket.startswith(vendors.cloud.project)
    assert user.up() == []

    user.stack.destroy()
    assert all(nothing_is_deployed(vendors) for vendors in two_vendors)
