"""An emulated project and a client that deploys to it."""

from collections.abc import Generator

import httpx2
import pytest

from emulators.google_cloud import GoogleCloud, create_app
from emulators.kit.serving import serving
from tests.support.google_cloud.deploying import APIS, Deployer
from tests.support.schemas.google import violations


@pytest.fixture
def cloud() -> Generator[GoogleCloud]:
    with GoogleCloud() as cloud:
        yield cloud
    assert violations(cloud.received) == []


@pytest.fixture
def http(cloud: GoogleCloud) -> Generator[httpx2.Client]:
    with (
        serving(create_app(cloud)) as origin,
        httpx2.Client(base_url=origin, headers={"authorization": "Bearer any"}, trust_env=False, timeout=20) as client,
    ):
        yield client


@pytest.fixture
def deployer(cloud: GoogleCloud, http: httpx2.Client) -> Deployer:
    cloud.enabled |= APIS
    deployer = Deployer(http)
    deployer.prepare()
    return deployer
