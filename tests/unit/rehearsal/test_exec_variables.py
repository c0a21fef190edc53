"""What `exec` tells a command of the deployment is what Auth0's quickstarts read, and it works."""

import ssl
from collections.abc import Generator
from pathlib import Path
from typing import TYPE_CHECKING, cast

import httpx2
import pytest

from rehearsal.deployment import Deployment
from rehearsal.emulated_vendors import Registration, emulated_vendors
from rehearsal.exec_command import add_apis, sign_in_environment

if TYPE_CHECKING:
    from pulumi.automation import Stack

_CALLBACKS = ["http://localhost:5000/callback"]
_APPLICATIONS = (
    Registration(callbacks=_CALLBACKS),
    Registration(name="my-shop", callbacks=_CALLBACKS),
    Registration(name="single-page", callbacks=_CALLBACKS, spa=True),
)


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Generator[Deployment]:
    """Yield vendors with three applications, to which nothing is deployed."""
    with emulated_vendors(applications=_APPLICATIONS) as vendors:
        yield Deployment(cast("Stack", None), vendors, tmp_path_factory.mktemp("exec"))


@pytest.fixture(scope="module")
def variables(deployed: Deployment) -> Generator[dict[str, str]]:
    with sign_in_environment(deployed, {"JAVA_TOOL_OPTIONS": "-Xmx1g"}) as environment:
        yield environment


def test_each_application_has_variables_of_its_name_and_a_public_one_no_secret(
    deployed: Deployment, variables: dict[str, str]
) -> None:
    clients = deployed.vendors.tenant.clients

    assert {name: value for name, value in variables.items() if name.startswith("AUTH0_CLIENT_")} == {
        "AUTH0_CLIENT_ID": "rehearsal-application",
        "AUTH0_CLIENT_SECRET": clients["rehearsal-application"]["client_secret"],
        "AUTH0_CLIENT_ID_MY_SHOP": "my-shop",
        "AUTH0_CLIENT_SECRET_MY_SHOP": clients["my-shop"]["client_secret"],
        "AUTH0_CLIENT_ID_SINGLE_PAGE": "single-page",
    }
    assert clients["single-page"]["client_secret"] == ""


@pytest.mark.parametrize("name", ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"])
def test_each_bundle_makes_the_issuer_trusted(variables: dict[str, str], name: str) -> None:
    trust = ssl.create_default_context(cafile=variables[name])
    with httpx2.Client(verify=trust, trust_env=False) as client:
        document = client.get(f"{variables['AUTH0_ISSUER']}.well-known/openid-configuration").json()

    assert document["issuer"] == variables["AUTH0_ISSUER"] == f"{variables['AUTH0_ISSUER_BASE_URL']}/"
    assert variables["AUTH0_ISSUER"] == f"https://{variables['AUTH0_DOMAIN']}/"


def test_the_users_own_options_for_java_stay_before_the_truststore(variables: dict[str, str]) -> None:
    own, *added = variables["JAVA_TOOL_OPTIONS"].split()

    assert own == "-Xmx1g"
    assert Path(added[0].removeprefix("-Djavax.net.ssl.trustStore=")).is_file()


def test_a_test_decides_by_the_controls_who_is_there(deployed: Deployment, variables: dict[str, str]) -> None:
    answer = httpx2.post(f"{variables['TIKTOK_CONTROLS']}/add_person", json={"name": "kim"}, trust_env=False)

    assert answer.is_success
    assert "kim" in deployed.vendors.tiktok.persons


def test_the_first_api_is_the_audience(deployed: Deployment, variables: dict[str, str]) -> None:
    add_apis(deployed, {"https://api.example.com": ["read:orders"], "https://other.example.com": []})
    with sign_in_environment(deployed, {}) as environment:
        assert environment["AUTH0_AUDIENCE"] == "https://api.example.com"
    assert "AUTH0_AUDIENCE" not in variables
