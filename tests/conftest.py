"""What tests of several parts need."""

import os
from collections.abc import Generator
from contextlib import suppress

import pytest
from _pytest.capture import CaptureManager
from pulumi.automation import PulumiCommand

from rehearsal.environment import hidden_setup
from rehearsal.pulumi_cli import NoPulumi, pulumi_cli


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep a file's tests in one worker, and the proxy's all together: one of them reads what the others logged."""
    for item in items:
        part, file = item.path.parent.name, item.path.stem
        item.add_marker(pytest.mark.xdist_group(part if part == "proxy_app" else f"{part}-{file}"))


def pytest_collection_finish(session: pytest.Session) -> None:
    """Get Pulumi's engine and Chromium, where a test needs them, before any test's time begins: it takes minutes."""
    needed = {name for item in session.items if isinstance(item, pytest.Function) for name in item.fixturenames}
    if session.config.option.collectonly:
        return
    capture = session.config.pluginmanager.getplugin("capturemanager")
    assert isinstance(capture, CaptureManager)
    with capture.global_and_fixture_disabled():
        if "pulumi" in needed:
            with hidden_setup(), suppress(NoPulumi):
                pulumi_cli()
        if "browser" in needed:
            from tests.support.browser.chromium import NoChromium, get_chromium  # noqa: PLC0415  # slow, and seldom needed

            with suppress(NoChromium):
                get_chromium()


@pytest.fixture(scope="session")
def nothing_of_the_users_own() -> Generator[None]:
    """Take whatever sets up Pulumi, Auth0 or Google here out of the tests' process, but what ``make test`` sets."""
    strict = os.environ.get("PULUMI_ERROR_OUTPUT_STRING")
    with hidden_setup():
        if strict:
            os.environ["PULUMI_ERROR_OUTPUT_STRING"] = strict
        yield


@pytest.fixture(scope="session")
def pulumi(nothing_of_the_users_own: None) -> PulumiCommand:  # noqa: ARG001  # only has to be there first
    """Return Pulumi's engine; where there is none to be had a test is skipped, but fails in CI (``CI=true``)."""
    try:
        return pulumi_cli()
    except NoPulumi as reason:
        if os.environ.get("CI") == "true":
            pytest.fail(str(reason), pytrace=False)
        pytest.skip(str(reason))
