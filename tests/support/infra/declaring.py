"""Runs the Pulumi program against a recorder instead of the engine; the declared resources are plain data."""

import asyncio
import json
import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, NoReturn

import grpc
import yaml
from google.protobuf.empty_pb2 import Empty
from google.protobuf.json_format import MessageToDict
from google.protobuf.struct_pb2 import Struct
from pulumi.runtime import configure, run_in_stack, set_all_config
from pulumi.runtime.mocks import MockCallArgs, MockEngine, MockMonitor, MockResourceArgs, Mocks, MockSettings
from pulumi.runtime.proto import resource_pb2

ROOT = Path(__file__).parents[3]
PROJECT = "tiktok-login"
_SECRETS = re.compile(
    r".*:(clientSecret|previousClientSecret|platformKey|apiToken|accessToken|clientAssertionPrivateKey|\w*[cC]redentials)"
)
# What the providers would compute, by the last part of a type.
_COMPUTED: dict[str, dict[str, Any]] = {
    "cloudrunv2/service:Service": {"uri": "https://token-proxy-abc-ew.a.run.app"},
    "serviceaccount/account:Account": {"email": "token-proxy@example-project.iam.gserviceaccount.com"},
    "storage/bucketObject:BucketObject": {"generation": 1700000000000005},
    "index:TikTokConnection": {"callback": "https://clerk.example.com/v1/oauth_callback"},
}


def is_secret(key: str) -> bool:
    """Whether a team sets ``key`` with `pulumi config set --secret`."""
    return bool(_SECRETS.fullmatch(key))


@dataclass(kw_only=True)
class Declared:
    """A resource as the engine was told of it; ``parent`` and ``dependencies`` are names."""

    type: str
    name: str
    parent: str
    inputs: dict[str, Any]
    protect: bool
    delete_before_replace: bool | None
    ignore_changes: list[str]
    retain_on_delete: bool
    dependencies: list[str]


class _Refused(grpc.RpcError):
    """An error as a provider's comes through the engine."""

    def __init__(self, details: str) -> None:
        super().__init__(details)
        self._details = details

    def code(self) -> grpc.StatusCode:
        return grpc.StatusCode.UNKNOWN

    def details(self) -> str:
        return self._details


class _Unused(Mocks):
    """The SDK's simpler door, which forgets options and outputs."""

    def call(self, args: MockCallArgs) -> NoReturn:
        raise NotImplementedError(args.token)

    def new_resource(self, args: MockResourceArgs) -> NoReturn:
        raise NotImplementedError(args.name)


class Recorder(MockMonitor):
    """An engine that creates all it is told of; ``applications`` are Auth0's names by client id."""

    computed: Mapping[str, Mapping[str, Any]] = _COMPUTED
    """What providers would compute, by the last part of a type."""

    def __init__(self, applications: Mapping[str, str] | None = None, unreachable: str = "") -> None:
        """Begin with nothing declared; ``unreachable`` is what every look-up is refused with."""
        super().__init__(_Unused())
        self._applications = applications or {}
        self._unreachable = unreachable
        self.declared: list[Declared] = []
        self.asked: list[dict[str, Any]] = []
        self.outputs: dict[str, dict[str, Any]] = {}
        self.said: list[tuple[str, str]] = []

    def all(self, kind: str) -> list[Declared]:
        """Return the resources whose type ends so."""
        return [resource for resource in self.declared if resource.type.endswith(kind)]

    def only(self, kind: str) -> Declared:
        """Return the one resource whose type ends so."""
        (found,) = self.all(kind)
        return found

    @property
    def exports(self) -> dict[str, Any]:
        """The stack's outputs."""
        return self.outputs["pulumi:pulumi:Stack"]

    def Invoke(self, request: resource_pb2.ResourceInvokeRequest) -> resource_pb2.ResourceInvokeResponse:  # noqa: N802  # gRPC's name
        """Look an application up as the Auth0 provider does."""
        arguments = MessageToDict(request.args)
        self.asked.append({"token": request.tok, "arguments": arguments})
        if self._unreachable or arguments["clientId"] not in self._applications:
            reason = self._unreachable or "404 Not Found: The client does not exist"
            raise _Refused(f"invocation of {request.tok} returned an error: 1 error occurred:\n\t* {reason}\n\n")
        answer = Struct()
        answer.update({"name": self._applications[arguments["clientId"]], "clientSecret": "its-own-secret"})
        response = resource_pb2.ResourceInvokeResponse()
        getattr(response, "return").CopyFrom(answer)
        return response

    def RegisterResource(self, request: resource_pb2.RegisterResourceRequest) -> resource_pb2.RegisterResourceResponse:  # noqa: N802  # gRPC's name
        """Create a resource with what its provider would compute."""
        if request.type != "pulumi:pulumi:Stack":
            self.declared.append(_declared(request))
        state = Struct()
        state.CopyFrom(request.object)
        state.update(self.computed.get(request.type.partition(":")[2], {}))
        urn = self.make_urn(request.parent, request.type, request.name)
        return resource_pb2.RegisterResourceResponse(urn=urn, id=f"{request.name}-id", object=state)

    def RegisterResourceOutputs(self, request: resource_pb2.RegisterResourceOutputsRequest) -> Empty:  # noqa: N802  # gRPC's name
        """Keep a component's or the stack's outputs, by its type."""
        self.outputs[request.urn.split("::")[2].rpartition("$")[2]] = MessageToDict(request.outputs)
        return Empty()


def _declared(request: resource_pb2.RegisterResourceRequest) -> Declared:
    return Declared(
        type=request.type,
        name=request.name,
        parent=request.parent.rpartition("::")[2],
        inputs=MessageToDict(request.object),
        protect=request.protect,
        delete_before_replace=request.deleteBeforeReplace if request.deleteBeforeReplaceDefined else None,
        ignore_changes=list(request.ignoreChanges),
        retain_on_delete=request.retainOnDelete,
        dependencies=sorted(urn.rpartition("::")[2] for urn in request.dependencies),
    )


def stack_config(stack: str, settings: Mapping[str, object]) -> dict[str, str]:
    """Return what the CLI gives a program: Pulumi.yaml's defaults, the stack's file and ``settings``; None unsets."""
    return full_config(PROJECT, {**project_defaults(ROOT), **_config(ROOT / f"Pulumi.{stack}.yaml"), **settings})


def project_defaults(folder: Path) -> dict[str, object]:
    """Return the defaults that the Pulumi.yaml in ``folder`` declares."""
    return {key: each["default"] for key, each in _config(folder / "Pulumi.yaml").items()}


@cache
def _config(file: Path) -> dict[str, Any]:
    return yaml.safe_load(file.read_text())["config"]


def full_config(project: str, values: Mapping[str, object]) -> dict[str, str]:
    """Return ``values`` as the CLI gives them to a program; None unsets."""
    return {
        key if ":" in key else f"{project}:{key}": value if isinstance(value, str) else json.dumps(value)
        for key, value in values.items()
        if value is not None
    }


def run(
    program: Callable[[], None], recorder: Recorder, stack: str, config: Mapping[str, str], *, project: str = PROJECT
) -> Recorder:
    """Run ``program`` with this configuration to its end, and return the recorder; what it raises is raised."""
    logger = logging.Logger("said")  # noqa: LOG001  # one of its own, that keeps nothing from run to run
    logger.addHandler(_Said(recorder.said))
    asyncio.run(_run(program, recorder, MockEngine(logger), (project, stack), config))
    return recorder


class _Said(logging.Handler):
    def __init__(self, said: list[tuple[str, str]]) -> None:
        super().__init__(logging.INFO)
        self._said = said

    def emit(self, record: logging.LogRecord) -> None:
        self._said.append((record.levelname, record.getMessage()))


async def _run(
    program: Callable[[], None],
    recorder: Recorder,
    engine: MockEngine,
    names: tuple[str, str],
    config: Mapping[str, str],
) -> None:
    features = recorder.GetDeploymentInfo(Empty())  # pyright: ignore[reportUnknownMemberType]  # half typed
    settings = MockSettings(
        monitor=recorder,
        monitor_features=set(features.supportedFeatures),
        engine=engine,
        project=names[0],
        stack=names[1],
        dry_run=False,
        organization=None,
        callbacks=None,
    )
    configure(settings)
    # The SDK keeps both in context variables, which end with this task.
    set_all_config(dict(config), [key for key in config if is_secret(key)])
    await run_in_stack(program)
