"""The version is in one place, which is part of the archive."""

import tomllib
from pathlib import Path

from proxy_app import __version__


def test_the_project_has_the_version_of_the_proxy() -> None:
    project = tomllib.loads(Path("pyproject.toml").read_text())["project"]

    assert project["version"] == __version__
