"""Chromium: found on PATH, else Playwright's own, else Debian's package where root may install it."""

import os
import shutil
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Playwright, sync_playwright

from rehearsal import progress

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_APT_SECONDS = 600
_SWITCHES = [
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


class NoChromium(Exception):
    """No Chromium is here and none can be had; the message says what to do."""


@contextmanager
def chromium() -> Generator[Browser]:
    """Run a Chromium without a window, or raise ``NoChromium``."""
    with sync_playwright() as playwright:
        # Chromium's own sandbox refuses to be started by root.
        switches = [*_SWITCHES, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
        browser = playwright.chromium.launch(executable_path=_command(playwright), args=switches)
        try:
            yield browser
        finally:
            browser.close()


def _command(playwright: Playwright) -> str:
    own = playwright.chromium.executable_path
    found = _on_path() or (own if Path(own).exists() else None)
    if not found and os.geteuid() == 0 and shutil.which("apt-get"):
        _install()
        found = _on_path()
    if not found:
        raise NoChromium(
            "There is no Chromium on PATH, and Playwright has none of its own: install your system's package "
            "chromium, or run `.venv/bin/python -m playwright install chromium`."
        )
    return found


def _on_path() -> str | None:
    return next(filter(None, map(shutil.which, _NAMES)), None)


def _install() -> None:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    install = ["apt-get", "install", "--yes", "--no-install-recommends", "chromium"]
    try:
        for command in (["apt-get", "update"], install):
            progress.run(command, label="Installing Chromium", seconds=_APT_SECONDS, env=environment)
    except progress.CommandFailed as failure:
        raise NoChromium(f"Chromium cannot be installed by apt-get: {failure}") from failure
