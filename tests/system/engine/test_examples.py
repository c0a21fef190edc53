"""The examples and the template deploy on emulators as they are written, with the component package attached."""

import os
import subprocess
from collections.abc import Generator, Mapping
from functools import partial
from pathlib import Path

import pytest
import yaml
from pulumi.automation import ConfigValue, LocalWorkspace, PulumiCommand, Stack

from rehearsal.emulated_vendors import APPLICATION, EmulatedVendors, emulated_vendors
from rehearsal.environment import clean_environment
from rehearsal.plugins import plugin_environment
from rehearsal.progress import CommandFailedError
from rehearsal.stack import Secret
from tests.support.engine.package import attached_host
from tests.support.engine.yaml_language import yaml_language_folder
from tests.support.infra.declaring import ROOT

# The build of the YAML language host takes minutes, once.
pytestmark = pytest.mark.timeout(1800)


@pytest.fixture(scope="module")
def yaml_language() -> Path:
    try:
        return yaml_language_folder()
    except CommandFailedError as failure:
        reason = f"Pulumi's YAML language host cannot be built: {failure}"
        if os.environ.get("CI") == "true":
            pytest.fail(reason, pytrace=False)
        pytest.skip(reason)


@pytest.fixture
def vendors() -> Generator[EmulatedVendors]:
    with clean_environment(), emulated_vendors() as vendors:
        yield vendors


@pytest.mark.parametrize("program", ["examples/yaml", "templates/tiktok-login"])
def test_a_yaml_program_is_deployed_by_the_cli_and_then_changes_nothing(
    program: str, yaml_language: Path, vendors: EmulatedVendors, pulumi: PulumiCommand, tmp_path: Path
) -> None:
    project = _project(ROOT / program, tmp_path)
    with plugin_environment("stand-in", vendors, tmp_path, pulumi) as base, attached_host() as host:
        path = f"{yaml_language}{os.pathsep}{os.environ['PATH']}"
        attached = f"{base['PULUMI_DEBUG_PROVIDERS']},{host}"
        environment = {**base, "PATH": path, "PULUMI_DEBUG_PROVIDERS": attached}
        _configure(LocalWorkspace(str(project), env_vars=environment, pulumi_command=pulumi), vendors)
        run = partial(_run, pulumi.command, project, environment)

        run("up", "--yes", "--skip-preview")

        [connection] = vendors.tenant.connections.values()
        assert connection["options"]["tokenURL"].endswith("/proxy/token")
        assert run("stack", "output", "redirectUri").strip().endswith("/login/callback")
        run("preview", "--expect-no-changes")


def _project(source: Path, folder: Path) -> Path:
    """Copy a program as `pulumi new` does, without the package, which is attached instead."""
    program = yaml.safe_load((source / "Pulumi.yaml").read_text())
    del program["packages"]
    program |= {"name": "shop", "description": "A shop"}
    project = folder / "project"
    project.mkdir()
    (project / "Pulumi.yaml").write_text(yaml.safe_dump(program))
    return project


def _configure(workspace: LocalWorkspace, vendors: EmulatedVendors) -> None:
    settings = {key: value for key, value in vendors.configuration().items() if not key.startswith("tiktok-login:")}
    own = {"clientKey": vendors.client_key, "clientSecret": Secret(vendors.client_secret), "application": APPLICATION}
    settings |= {f"shop:{key}": value for key, value in own.items()}
    values = {key: ConfigValue(value, isinstance(value, Secret)) for key, value in settings.items()}
    Stack.create("dev", workspace).set_all_config(values, path=True)


def _run(pulumi: str, project: Path, environment: Mapping[str, str], *arguments: str) -> str:
    answer = subprocess.run(  # noqa: S603  # Pulumi's CLI
        [pulumi, *arguments, "--stack=dev", "--non-interactive", "--color=never"],
        cwd=project,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert answer.returncode == 0, answer.stdout + answer.stderr
    print(answer.stdout)  # noqa: T201  # pytest shows it with -s
    return answer.stdout
