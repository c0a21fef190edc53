"""The proxy before a scripted TikTok; everything that it logs is kept."""

import io
import json
import logging
from collections.abc import Generator

import pytest

from proxy_app.logs import JsonFormatter
from tests.support.proxy.local_proxy import LOG, Lines, Post, local_proxy, post_to
from tests.support.proxy.scripted_tiktok import ScriptedTikTok, scripted_tiktok

LAST = "test_no_secret_was_ever_logged"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run the test that searches the logs of the others last."""
    items.sort(key=lambda item: item.name == LAST)


@pytest.fixture(scope="session", autouse=True)
def log() -> Generator[io.StringIO]:
    """Everything that was logged so far, by libraries too."""
    handler = logging.StreamHandler(LOG)
    handler.setFormatter(JsonFormatter())
    logging.getLogger().addHandler(handler)
    yield LOG
    logging.getLogger().removeHandler(handler)


@pytest.fixture
def lines(log: io.StringIO) -> Lines:
    """Tell what was logged since this test began."""
    begun = len(log.getvalue())
    return lambda: [json.loads(line) for line in log.getvalue()[begun:].splitlines()]


@pytest.fixture(scope="session")
def lasting_tiktok() -> Generator[ScriptedTikTok]:
    """Serve one scripted TikTok for all tests; ``tiktok`` is the same, with nothing scripted or received."""
    with scripted_tiktok() as scripted:
        yield scripted


@pytest.fixture
def tiktok(lasting_tiktok: ScriptedTikTok) -> ScriptedTikTok:
    lasting_tiktok.forget()
    return lasting_tiktok


@pytest.fixture(scope="session")
def proxy(lasting_tiktok: ScriptedTikTok) -> Generator[str]:
    with local_proxy(lasting_tiktok.url) as origin:
        yield origin


@pytest.fixture
def post(proxy: str) -> Post:
    return post_to(proxy)
