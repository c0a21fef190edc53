"""Chromium: found on PATH, else Playwright's own, else Debian's package where root may install it."""

import os
import shutil
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Playwright, sync_playwright

from infra.archive.cache import cache_folder
from rehearsal import progress
from rehearsal.file_lock import file_lock

# The one that has no windows first: a page takes it a third of the CPU.
_NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_APT_SECONDS = 600
_PATIENTLY = ("-o", "DPkg::Lock::Timeout=300")  # the system may be installing something of its own
_SWITCHES = [
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


class ChromiumMissingError(Exception):
    """Chromium is missing and cannot be installed; the message says what to do."""


@contextmanager
def chromium() -> Generator[Browser]:
    """Run a Chromium without a window, or raise ``ChromiumMissingError``."""
    with sync_playwright() as playwright:
        # Chromium's own sandbox refuses to be started by root.
        switches = [*_SWITCHES, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
        browser = playwright.chromium.launch(executable_path=_command(playwright), args=switches)
        try:
            yield browser
        finally:
            browser.close()


def get_chromium() -> None:
    """Install Chromium where there is none, which takes a minute; ``ChromiumMissingError`` where none can be had."""
    if not _on_path():
        with sync_playwright() as playwright:
            _command(playwright)


def _command(playwright: Playwright) -> str:
    own = playwright.chromium.executable_path
    found = _on_path() or (own if Path(own).exists() else None) or _installed()
    if not found:
        raise ChromiumMissingError(
            "There is no Chromium on PATH, and Playwright has none of its own: install your system's package "
            "chromium, or run `.venv/bin/python -m playwright install chromium`."
        )
    return found


def _on_path() -> str | None:
    return next(filter(None, map(shutil.which, _NAMES)), None)


def _installed() -> str | None:
    """Install Debian's package where that can be; of two processes the second finds what the first installed."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return None
    with file_lock(cache_folder() / "chromium", label="Waiting for another process that installs Chromium"):
        if not _on_path():
            _install()
    return _on_path()


def _install() -> None:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    install = ["apt-get", *_PATIENTLY, "install", "--yes", "--no-install-recommends", "chromium-headless-shell"]
    try:
        for command in (["apt-get", "update"], install):
            progress.run(command, label="Installing Chromium", seconds=_APT_SECONDS, env=environment)
    except progress.CommandFailedError as failure:
        raise ChromiumMissingError(f"Chromium cannot be installed by apt-get: {failure}") from failure
