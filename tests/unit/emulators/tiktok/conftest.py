"""One emulated TikTok, served on a real socket, with a web app and a desktop app."""

from collections.abc import Generator

import pytest

from emulators.kit.serving import serving
from emulators.tiktok import TikTok, create_app
from tests.support.tiktok.visitor import CALLBACK, DESKTOP_CALLBACK, DESKTOP_KEY, KEY, SECRET, Visitor


@pytest.fixture
def tiktok() -> TikTok:
    tiktok = TikTok()
    tiktok.register_app(KEY, SECRET, [CALLBACK])
    tiktok.register_app(DESKTOP_KEY, SECRET, [DESKTOP_CALLBACK], desktop=True)
    return tiktok


@pytest.fixture
def visitor(tiktok: TikTok) -> Generator[Visitor]:
    with serving(create_app(tiktok, controls=True)) as origin, Visitor(origin) as visitor:
        yield visitor
