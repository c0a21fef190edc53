"""The Pulumi program run against a recorder in the engine's place; what it declared is plain data."""

import asyncio
import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from google.protobuf.json_format import MessageToDict
from pulumi.runtime import configure, run_in_stack, set_all_config
from pulumi.runtime.mocks import MockCallArgs, MockEngine, MockMonitor, MockResourceArgs, Mocks, MockSettings

_ROOT = Path(__file__).parents[2]
SECRET = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270"}
CREDENTIALS = {
    "auth0:domain": "example.eu.auth0.com",
    "auth0:clientId": "deployer",
    "auth0:clientSecret": "deployer-secret",
    "gcp:project": "example-project",
    "gcp:region": "europe-west1",
    "clientKey": "aw123",
    "clientSecret": "s3cr3t-one",
}
_SECRET_KEYS = ["tiktok-login:clientSecret", "tiktok-login:previousClientSecret", "auth0:clientSecret"]
_COMPUTED: dict[str, dict[str, Any]] = {
    "gcp:cloudrunv2/service:Service": {"uri": "https://token-proxy-abc-ew.a.run.app"},
    "gcp:serviceaccount/account:Account": {"email": "token-proxy@example-project.iam.gserviceaccount.com"},
    "gcp:storage/bucketObject:BucketObject": {"generation": 1700000000000005},
}


@dataclass(kw_only=True)
class Declared:
    """A resource as the engine was told of it."""

    type: str
    name: str
    parent: str
    inputs: dict[str, Any]
    protect: bool
    delete_before_replace: bool | None
    dependencies: list[str]


@dataclass
class Recorder(Mocks):
    """What a program declared, asked for, exported and said; ``applications`` are Auth0's, by client id."""

    applications: dict[str, str] = field(default_factory=dict[str, str])
    unreachable: str = ""
    resources: list[Declared] = field(default_factory=list[Declared])
    asked: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    outputs: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])
    said: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])

    def call(self, args: MockCallArgs) -> dict[str, Any]:  # pyright: ignore[reportIncompatibleMethodOverride]  # as documented
        """Answer a look-up as the Auth0 provider does."""
        self.asked.append({"token": args.token, "args": args.args})
        if self.unreachable:
            raise RuntimeError(self.unreachable)
        client_id = args.args["clientId"]
        if client_id not in self.applications:
            raise RuntimeError("1 error occurred:\n\t* 404 Not Found: The client does not exist\n\n")
        return {"clientId": client_id, "name": self.applications[client_id], "clientSecret": "its-secret"}

    def new_resource(self, args: MockResourceArgs) -> tuple[str, dict[str, Any]]:
        """Create a resource with what its provider would compute."""
        return f"{args.name}-id", {**args.inputs, **_COMPUTED.get(args.typ, {})}

    def all(self, kind: str) -> list[Declared]:
        """Return the resources whose type ends so."""
        return [resource for resource in self.resources if resource.type.endswith(kind)]

    def only(self, kind: str) -> Declared:
        """Return the one resource whose type ends so."""
        (found,) = self.all(kind)
        return found

    @property
    def exports(self) -> dict[str, Any]:
        """The stack's outputs."""
        return self.outputs["pulumi:pulumi:Stack"]


class _Monitor(MockMonitor):
    """A monitor that also keeps options and outputs, which the SDK's own mocks forget."""

    def __init__(self, recorder: Recorder) -> None:
        super().__init__(recorder)
        self._recorder = recorder

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802  # gRPC's name
        if request.type != "pulumi:pulumi:Stack":
            self._recorder.resources.append(
                Declared(
                    type=request.type,
                    name=request.name,
                    parent=request.parent.rpartition("::")[2],
                    inputs=MessageToDict(request.object),
                    protect=request.protect,
                    delete_before_replace=request.deleteBeforeReplace if request.deleteBeforeReplaceDefined else None,
                    dependencies=sorted(urn.rpartition("::")[2] for urn in request.dependencies),
                )
            )
        return super().RegisterResource(request)

    def RegisterResourceOutputs(self, request: Any) -> Any:  # noqa: N802  # gRPC's name
        kind = request.urn.split("::")[2].rpartition("$")[2]
        self._recorder.outputs[kind] = MessageToDict(request.outputs)
        return super().RegisterResourceOutputs(request)


class _Said(logging.Handler):
    def __init__(self, said: list[tuple[str, str]]) -> None:
        super().__init__()
        self._said = said

    def emit(self, record: logging.LogRecord) -> None:
        if record.levelno > logging.DEBUG:
            self._said.append((record.levelname, record.getMessage()))


def stack_config(stack: str, settings: Mapping[str, object]) -> dict[str, str]:
    """Return what the CLI gives a program: Pulumi.yaml's defaults, the stack's file and ``settings``, as strings."""
    project = yaml.safe_load((_ROOT / "Pulumi.yaml").read_text())["config"]
    defaults = {key: declared["default"] for key, declared in project.items()}
    file = _ROOT / f"Pulumi.{stack}.yaml"
    own = yaml.safe_load(file.read_text())["config"] if file.exists() else {}
    values = {_full(key): value for key, value in [*defaults.items(), *own.items(), *settings.items()]}
    return {key: _text(value) for key, value in values.items() if value is not None}


def _full(key: str) -> str:
    return key if ":" in key else f"tiktok-login:{key}"


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def run(program: Callable[[], None], recorder: Recorder, stack: str, config: Mapping[str, str]) -> Recorder:
    """Run ``program`` with this configuration to its end, and return the recorder; what it raises is raised."""
    logger = logging.Logger("said")
    logger.addHandler(_Said(recorder.said))
    asyncio.run(_run(program, _Monitor(recorder), MockEngine(logger), stack, config))
    return recorder




async def _run(
    program: Callable[[], None], monitor: MockMonitor, engine: MockEngine, stack: str, config: Mapping[str, str]
) -> None:
    features = set(monitor.GetDeploymentInfo(None).supportedFeatures)
    settings = MockSettings(
        monitor=monitor,
        monitor_features=features,
        engine=engine,
        project="tiktok-login",
        stack=stack,
        dry_run=False,
        organization=None,
        callbacks=None,
    )
    configure(settings)
    set_all_config(dict(config), _SECRET_KEYS)
    await run_in_stack(program)
