"""The component package as other languages see it."""

import json
import runpy
import sys
from pathlib import Path

import pytest

from infra import package
from infra.package import PackageProvider
from tests.support.infra.declaring import ROOT

_SCHEMA = Path(__file__).with_name("schema.json")


def _schema() -> dict[str, object]:
    return json.loads(PackageProvider().schema or "")


def test_the_schema_changes_on_purpose_only() -> None:
    """Run ``python -m tests.unit.infra.test_package`` to write the schema after a change."""
    assert _schema() == json.loads(_SCHEMA.read_text())


def test_everything_in_the_schema_is_described() -> None:
    schema = json.loads(PackageProvider().schema or "")
    resources, types = schema["resources"].values(), schema["types"].values()
    members = [
        *(
            each
            for resource in resources
            for key in ("inputProperties", "properties")
            for each in resource[key].values()
        ),
        *(each for about in types for each in about.get("properties", {}).values()),
        *(each for about in types for each in about.get("enum", [])),
    ]
    assert all(each["description"].endswith(".") for each in [*resources, *members])


def test_the_engine_starts_the_host_by_its_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    started: list[str] = []
    monkeypatch.setattr(package, "host", lambda: started.append(sys.path[0]))
    monkeypatch.setattr(sys, "path", [str(ROOT / "infra"), *sys.path])
    monkeypatch.chdir(tmp_path)
    runpy.run_path(str(ROOT / "infra" / "__main__.py"), run_name="__main__")
    assert started == [str(ROOT)]


if __name__ == "__main__":
    _SCHEMA.write_text(json.dumps(_schema(), indent=2) + "\n")
