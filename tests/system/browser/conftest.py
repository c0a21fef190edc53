"""One deployment and one Chromium for all of these tests; a new browser profile for each."""

import os
from collections.abc import Callable, Generator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Browser
from pulumi.automation import PulumiCommand

from rehearsal.deployment import Deployment, deployment
from rehearsal.emulated_vendors import EmulatedVendors
from rehearsal.environment import clean_environment
from rehearsal.serve_application import serve_application
from tests.support.browser.chromium import ChromiumMissingError, chromium
from tests.support.browser.visitor import Visitor


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests of this folder."""
    for item in items:
        if "tests/system/browser" in item.path.as_posix():
            item.add_marker("browser")


@dataclass(frozen=True)
class Rehearsed:
    """What was deployed, and where the example application is."""

    deployed: Deployment
    origin: str

    @property
    def vendors(self) -> EmulatedVendors:
        """The emulated vendors."""
        return self.deployed.vendors


@pytest.fixture(scope="package")
def rehearsed(pulumi: PulumiCommand) -> Generator[Rehearsed]:
    with clean_environment(), deployment(pulumi) as deployed:
        deployed.stack.up()
        with serve_application(deployed.vendors, deployed.stack) as origin:
            yield Rehearsed(deployed, origin)


@pytest.fixture(scope="package")
def browser(request: pytest.FixtureRequest) -> Generator[Browser]:
    request.getfixturevalue("rehearsed")  # the engine starts before Playwright's event loop does, and ends after it
    with ExitStack() as stack:
        try:
            browser = stack.enter_context(chromium())
        except ChromiumMissingError as reason:
            if os.environ.get("CI") == "true":
                pytest.fail(str(reason), pytrace=False)
            pytest.skip(str(reason))
        yield browser


Arrives = Callable[..., Visitor]


@pytest.fixture
def arrives(browser: Browser, rehearsed: Rehearsed) -> Generator[Arrives]:
    """Return what brings one more person, with a browser profile of their own."""
    with ExitStack() as stack:

        def one_more(at: str = rehearsed.origin, **options: Any) -> Visitor:  # noqa: ANN401  # Playwright's own
            context = browser.new_context(**options)
            stack.callback(context.close)
            return Visitor(context, at.rstrip("/"))

        yield one_more


@pytest.fixture
def visitor(arrives: Arrives) -> Visitor:
    return arrives()
