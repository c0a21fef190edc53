"""One deployment for all of these tests, and a newly started proxy for each."""

from collections.abc import Generator

import pytest
from pulumi.automation import PulumiCommand

from rehearsal.serve_application import register_callbacks
from rehearsal.stack import configure
from tests.support.engine.driving import driven
from tests.support.load.chain import Chain
from tests.support.load.signing_in import PERSONS
from tests.support.load.turnstile import Turnstile
from tests.support.load.whole_sign_ins import CALLBACK


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests of this folder."""
    for item in items:
        if "tests/system/load" in item.path.as_posix():
            item.add_marker("engine")


@pytest.fixture(scope="module")
def deployed(pulumi: PulumiCommand) -> Generator[Chain]:
    with driven(pulumi, "stand-in") as driver, Turnstile(driver.vendors.tiktok) as turnstile:
        configure(driver.stack, {"tiktok-login:tiktokApiOrigin": turnstile.origin})
        driver.up()
        register_callbacks(driver.vendors, CALLBACK)
        for person in PERSONS:
            driver.vendors.tiktok.add_person(person)
        yield Chain(driver, turnstile)


@pytest.fixture
def chain(deployed: Chain) -> Chain:
    """Return the chain, whose proxy the first request will start."""
    deployed.service.scale(0)
    return deployed
