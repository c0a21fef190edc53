"""The examples and the template deploy on emulators as they are written, with the component package attached."""

import os
import signal
import subprocess
import sys
from collections.abc import Generator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import yaml
from pulumi.automation import ConfigValue, LocalWorkspace, PulumiCommand, Stack

from infra.archive.cache import project_version
from rehearsal.emulated_vendors import APPLICATION, EmulatedVendors, emulated_vendors
from rehearsal.environment import clean_environment
from rehearsal.plugins import plugin_environment
from rehearsal.progress import CommandFailedError
from rehearsal.stack import Secret
from tests.support.engine.package import attached_host, provider_settings
from tests.support.engine.yaml_language import yaml_language_folder
from tests.support.infra.declaring import ROOT
from tests.support.operations.typing_commands import make_command

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


@dataclass(frozen=True)
class Shop:
    """A YAML project of somebody else, and what the plain CLI needs to run it on emulators."""

    vendors: EmulatedVendors
    pulumi: PulumiCommand
    environment: dict[str, str]
    folder: Path

    def run(self, *arguments: str, expected_error: str = "") -> str:
        answer = subprocess.run(  # noqa: S603  # Pulumi's CLI
            [self.pulumi.command, *arguments, "--stack=dev", "--non-interactive", "--color=never"],
            cwd=self.folder,
            env={**os.environ, **self.environment},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        said = answer.stdout + answer.stderr
        assert not answer.returncode or (expected_error and expected_error in said), said
        print(answer.stdout)  # noqa: T201  # pytest shows it with -s
        return answer.stdout

    def deploy(self) -> None:
        """Set what a person is asked for, update, and check that nothing is left to change."""
        vendors = self.vendors
        own = {
            "clientKey": vendors.client_key,
            "clientSecret": Secret(vendors.client_secret),
            "application": APPLICATION,
        }
        settings = provider_settings(vendors) | {f"shop:{key}": value for key, value in own.items()}
        values = {key: ConfigValue(value, isinstance(value, Secret)) for key, value in settings.items()}
        workspace = LocalWorkspace(str(self.folder), env_vars=self.environment, pulumi_command=self.pulumi)
        Stack.create_or_select("dev", workspace).set_all_config(values, path=True)

        self.run("up", "--yes", "--skip-preview")

        [connection] = vendors.tenant.connections.values()
        assert connection["options"]["tokenURL"].endswith("/proxy/token")
        assert self.run("stack", "output", "redirectUri").strip().endswith("/login/callback")
        self.run("preview", "--expect-no-changes")


@pytest.fixture
def without_package(
    yaml_language: Path, vendors: EmulatedVendors, pulumi: PulumiCommand, tmp_path: Path
) -> Generator[Shop]:
    project = tmp_path / "project"
    project.mkdir()
    with plugin_environment("stand-in", vendors, tmp_path, pulumi) as base:
        path = f"{yaml_language}{os.pathsep}{os.environ['PATH']}"
        yield Shop(vendors, pulumi, {**base, "PATH": path}, project)


@pytest.fixture
def shop(without_package: Shop) -> Generator[Shop]:
    """Attach the package's host beside the providers."""
    environment = without_package.environment
    with attached_host() as host:
        attached = {"PULUMI_DEBUG_PROVIDERS": f"{environment['PULUMI_DEBUG_PROVIDERS']},{host}"}
        yield replace(without_package, environment=environment | attached)


def test_the_yaml_example_is_deployed_by_the_cli_and_then_changes_nothing(shop: Shop) -> None:
    program = yaml.safe_load((ROOT / "examples" / "yaml" / "Pulumi.yaml").read_text())
    del program["packages"]  # the package is attached instead
    (shop.folder / "Pulumi.yaml").write_text(yaml.safe_dump(program))

    shop.deploy()


@pytest.fixture
def installing(without_package: Shop, tmp_path: Path) -> Generator[Shop]:
    """Put the package's host where the CLI keeps plugins that it installed."""
    started = tmp_path / "hosts"
    started.touch()
    name = "tiktok-login"
    folder = Path(without_package.environment["PULUMI_HOME"]) / "plugins" / f"resource-{name}-v{project_version()}"
    folder.mkdir(parents=True)
    start = f'echo $$ >> "{started}"\nexec "{sys.executable}" "{ROOT / "infra"}" "$@"'
    make_command(folder / f"pulumi-resource-{name}", start)
    yield without_package
    for process in started.read_text().split():  # the CLI does not stop them where a later step fails
        with suppress(ProcessLookupError):
            os.kill(int(process), signal.SIGTERM)


def test_pulumi_new_makes_three_files_of_the_template_which_are_deployed(installing: Shop, tmp_path: Path) -> None:
    template = tmp_path / "template"
    template.mkdir()
    text = (ROOT / "templates" / "tiktok-login" / "Pulumi.yaml").read_text()
    (template / "Pulumi.yaml").write_text(text.replace("github.com/OWNER/REPO/infra@", "tiktok-login@"))

    # The newest YAML language host on the Go module proxy does not know the last step, which changes no file.
    last_step = "linking package: method Link not implemented"
    installing.run("new", str(template), "--name=shop", "--description=A shop", "--yes", expected_error=last_step)

    files = {path.relative_to(installing.folder).as_posix() for path in installing.folder.rglob("*") if path.is_file()}
    assert files == {"Pulumi.yaml", "Pulumi.dev.yaml", f"sdks/tiktok-login/tiktok-login-{project_version()}.yaml"}
    program = yaml.safe_load((installing.folder / "Pulumi.yaml").read_text())
    assert (program["name"], program["description"]) == ("shop", "A shop")
    assert "template" not in program
    installing.deploy()
