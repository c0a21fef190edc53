"""Set up the run: order, groups, hypothesis, and the two tools that take minutes to get."""

import os
import ssl
from collections.abc import Generator
from contextlib import suppress
from pathlib import Path

import httpcore2
import pytest
from _pytest.capture import CaptureManager
from hypothesis import settings
from pulumi.automation import PulumiCommand
from xdist.remote import Producer  # pyright: ignore[reportMissingTypeStubs]  # half typed
from xdist.scheduler import LoadScopeScheduling  # pyright: ignore[reportMissingTypeStubs]  # half typed

from rehearsal.environment import clean_environment
from rehearsal.pulumi_cli import PulumiMissingError, pulumi_cli

pytest_plugins = ["tests.support.hang_guard"]

_HERE = Path(__file__).parent
# Slow files come first, so that no worker begins one when the others are done.
_ORDER = (
    *("system/engine/operations/", "system/load/", "system/applications/", "system/engine/", "system/"),
    *("unit/proxy_app/", "unit/test_hang_guard.py"),
)
# Folders whose tests share a deployment or a log: one worker runs all of them. Others are shared out file by file.
_TOGETHER = ("system/applications/", "system/browser/", "unit/proxy_app/")

# Hypothesis makes the same inputs in every run; `make fuzz` makes new ones.
settings.register_profile("tests", derandomize=True, deadline=None, database=None)
settings.load_profile("tests")


class GroupScheduling(LoadScopeScheduling):
    """Let one worker run all tests of a file, or of a folder whose tests belong together.

    ``--dist loadgroup`` does not: with pytest 9.2 it ignores the groups
    (https://github.com/pytest-dev/pytest-xdist/issues/1386).
    """

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0].removeprefix("tests/")
        return next((folder for folder in _TOGETHER if file.startswith(folder)), file)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> GroupScheduling:
    return GroupScheduling(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put slow files first."""
    items.sort(key=_place)


def _place(item: pytest.Item) -> int:
    path = item.path.relative_to(_HERE).as_posix()
    return next((place for place, start in enumerate(_ORDER) if path.startswith(start)), len(_ORDER))


def pytest_collection_finish(session: pytest.Session) -> None:
    """Get the Pulumi CLI and Chromium before the first test: it may take longer than a test's time limit."""
    needed = {name for item in session.items if isinstance(item, pytest.Function) for name in item.fixturenames}
    if session.config.option.collectonly:
        return
    capture = session.config.pluginmanager.getplugin("capturemanager")
    assert isinstance(capture, CaptureManager)
    with capture.global_and_fixture_disabled():
        if "pulumi" in needed:
            with clean_environment(), suppress(PulumiMissingError):
                pulumi_cli()
        if "browser" in needed:
            from tests.support.browser.chromium import ChromiumMissingError, get_chromium  # noqa: PLC0415  # slow, seldom needed

            with suppress(ChromiumMissingError):
                get_chromium()


@pytest.fixture(scope="session", autouse=True)
def roots_read_once() -> Generator[None]:
    """Let httpx2's clients share the system's roots: reading takes 20 ms, and tests open thousands of clients."""
    read_roots = httpcore2.default_ssl_context
    contexts: dict[tuple[bool, ssl.DefaultVerifyPaths], ssl.SSLContext] = {}

    def roots(*, _trust_env: bool = True) -> ssl.SSLContext:
        key = (_trust_env, ssl.get_default_verify_paths())
        if key not in contexts:
            contexts[key] = read_roots(_trust_env=_trust_env)
        return contexts[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(httpcore2, "default_ssl_context", roots)
        yield


@pytest.fixture(scope="session")
def environment() -> Generator[None]:
    """Hide the user's own settings of Pulumi, Auth0 and Google from the tests; keep what ``make test`` sets."""
    strict = os.environ.get("PULUMI_ERROR_OUTPUT_STRING")
    with clean_environment():
        if strict:
            os.environ["PULUMI_ERROR_OUTPUT_STRING"] = strict
        yield


@pytest.fixture(scope="session")
def pulumi(environment: None) -> PulumiCommand:  # noqa: ARG001  # only has to be set up first
    """Return the Pulumi CLI; if there is none, skip the test, or fail it in CI (``CI=true``)."""
    try:
        return pulumi_cli()
    except PulumiMissingError as reason:
        if os.environ.get("CI") == "true":
            pytest.fail(str(reason), pytrace=False)
        pytest.skip(str(reason))
