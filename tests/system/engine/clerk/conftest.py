"""Stacks on an emulated Clerk, and the emulated Clerk by itself."""

from collections.abc import Generator

import httpx2
import pytest
from pulumi.automation import PulumiCommand

from emulators import clerk
from emulators.kit.serving import serving
from tests.support.clerk.driving import ClerkDriver, driven


@pytest.fixture
def fresh(pulumi: PulumiCommand) -> Generator[ClerkDriver]:
    """Yield a workspace at Clerk with one application, to which nothing was deployed."""
    with driven(pulumi) as driver:
        yield driver


@pytest.fixture(scope="module")
def deployed(pulumi: PulumiCommand) -> Generator[ClerkDriver]:
    """Yield a workspace to whose production instance everything was deployed."""
    with driven(pulumi) as driver:
        driver.up()
        yield driver


@pytest.fixture
def workspace() -> clerk.Clerk:
    """Return a workspace that has nothing yet."""
    return clerk.Clerk()


@pytest.fixture
def client(workspace: clerk.Clerk) -> Generator[httpx2.Client]:
    """Yield a client of the emulated Platform API, with a key that may manage applications."""
    headers = {"Authorization": f"Bearer {workspace.add_key('applications:manage')}"}
    with (
        serving(clerk.create_app(workspace)) as origin,
        httpx2.Client(base_url=f"{origin}/v1/platform/", headers=headers) as client,
    ):
        yield client
