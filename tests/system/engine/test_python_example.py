"""The Python example deploys on emulators as it is written, with the component package attached."""

import runpy
import sys
from pathlib import Path

import pytest
from pulumi.automation import ConfigValue, PulumiCommand

from rehearsal.emulated_vendors import APPLICATION, emulated_vendors
from rehearsal.environment import clean_environment
from tests.support.engine.package import package_user
from tests.support.infra.declaring import ROOT
from tests.support.infra.generated_sdk import generated_sdk


def test_the_python_example_is_deployed_and_then_changes_nothing(
    pulumi: PulumiCommand, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pulumi_tiktok_login", generated_sdk())

    def program() -> None:
        runpy.run_path(str(ROOT / "examples" / "python" / "__main__.py"))

    with clean_environment(), emulated_vendors() as vendors, package_user(vendors, pulumi, tmp_path) as user:
        user.stack.workspace.program = program
        settings = {"clientKey": vendors.client_key, "application": APPLICATION}
        user.stack.set_all_config({f"shop:{key}": ConfigValue(value) for key, value in settings.items()})
        user.stack.set_config("shop:clientSecret", ConfigValue(vendors.client_secret, secret=True))

        assert ("create", "tiktok-on-web") in user.up()
        assert user.stack.outputs()["redirectUri"].value.endswith("/login/callback")
        assert user.up() == []
