"""A made-up archive in place of one that is built, except where building is what a test is about."""

from pathlib import Path

import pytest

from infra import cloud_run_service as cloud_run
from infra.archive.build import Platform
from infra.archive.cache import Archive


@pytest.fixture(autouse=True)
def packed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[tuple[str, Platform]]:
    """Note what the program has packed, and for which platform."""
    packed: list[tuple[str, Platform]] = []

    def archive(package: str, platform: Platform) -> Archive:
        packed.append((package, platform))
        path = tmp_path / f"{package}.tar.gz"
        path.write_bytes(b"made up")
        return Archive(path, "0123456789ab")

    monkeypatch.setattr(cloud_run, "archive", archive)
    return packed


@pytest.fixture(autouse=True)
def _no_credentials_of_whoever_tests(monkeypatch: pytest.MonkeyPatch) -> None:  # pyright: ignore[reportUnusedFunction]  # autouse
    for name in ("AUTH0_DOMAIN", "AUTH0_CLIENT_ID", "AUTH0_CLIENT_SECRET", "AUTH0_API_TOKEN", "AUTH0_CLI_LOGIN"):
        monkeypatch.delenv(name, raising=False)
    for name in ("GOOGLE_PROJECT", "GOOGLE_CLOUD_PROJECT", "GCLOUD_PROJECT", "CLOUDSDK_CORE_PROJECT"):
        monkeypatch.delenv(name, raising=False)
    for name in ("GOOGLE_REGION", "GCLOUD_REGION", "CLOUDSDK_COMPUTE_REGION"):
        monkeypatch.delenv(name, raising=False)
