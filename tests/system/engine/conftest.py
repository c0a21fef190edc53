"""Deployments, shared by the tests of a file: an update takes seconds."""

import os
from collections.abc import Generator
from functools import cache
from typing import cast

import pytest
from pulumi.automation import PulumiCommand

from infra import cloud_run_service as cloud_run
from infra.archive.cache import archive
from rehearsal.plugins import Plugins, PluginsMissingError
from tests.support.engine.driving import Driver, driven


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests of this folder."""
    for item in items:
        if "tests/system/engine" in item.path.as_posix():
            item.add_marker("engine")


@pytest.fixture(scope="session", autouse=True)
def _one_source() -> Generator[None]:  # pyright: ignore[reportUnusedFunction]  # autouse
    """Deploy the proxy as it was when the tests began, whatever somebody edits meanwhile."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cloud_run, "archive", cache(archive))
        yield


@pytest.fixture(scope="session")
def plugins() -> Plugins:
    """Return which plugins to use: ``PLUGINS=released`` takes the vendors' own."""
    return cast("Plugins", os.environ.get("PLUGINS", "stand-in"))


def _new_world(pulumi: PulumiCommand, plugins: Plugins) -> Generator[Driver]:
    try:
        with driven(pulumi, plugins) as driver:
            yield driver
    except PluginsMissingError as reason:
        pytest.fail(str(reason), pytrace=False)


# A new Google project and a tenant that has an application, to which nothing was deployed: a file's, or one test's own.
fresh = pytest.fixture(scope="module", name="fresh")(_new_world)
own_world = pytest.fixture(name="own_world")(_new_world)


@pytest.fixture(scope="module")
def deployed(fresh: Driver) -> Driver:
    """Return a deployment to which everything was deployed; what a test changes it puts back."""
    fresh.up()
    return fresh
