"""Taking a connection into a stack's state as it is, and giving it back."""

import json
import os
import sys
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Self, cast
from urllib.parse import quote

import pulumi
from pulumi.automation import LocalWorkspace, PulumiFn, Stack
from pulumi.automation.errors import CommandError

from operations.adopt.existing_connection import Connection
from operations.errors import OperationError, require
from operations.stack import LiveStack, run_pulumi

_SAVED = frozenset({"id", "options", "applications"})
CONNECTION = "tiktok-connection"
"""The connection's resource name in infra/tiktok_connection.py."""
_ENABLED = "auth0:index/connectionClient:ConnectionClient"


@dataclass(frozen=True, kw_only=True)
class State:
    """The resources of a stack."""

    stack: str
    resources: list[dict[str, Any]]

    @classmethod
    def read(cls, stack: LiveStack) -> Self:
        """Have the CLI export it, or raise ``OperationError``."""
        exported = run_pulumi("stack", "export", "--stack", stack.name)
        require(exported.returncode == 0, "Pulumi cannot export the stack.")
        return cls(stack=stack.name, resources=json.loads(exported.stdout)["deployment"].get("resources") or [])

    @property
    def connection_id(self) -> str:
        """The id of the stack's connection, or nothing where it has none."""
        return "".join(each.get("id", "") for each in self._connections)

    @property
    def applications(self) -> set[str]:
        """The client ids of the applications that the stack has enabled its connection for."""
        return {each["inputs"]["clientId"] for each in self.resources if each["type"] == _ENABLED}

    def forget_connection(self) -> None:
        """Have the CLI forget it, and for which applications it is enabled, or raise ``OperationError``."""
        for urn in [each["urn"] for each in self._connections]:
            done = run_pulumi("state", "delete", urn, "--target-dependents", "--force", "--yes", "--stack", self.stack)
            require(done.returncode == 0, f"Pulumi does not forget {urn}: {done.stderr.strip()}")

    @property
    def _connections(self) -> list[dict[str, Any]]:
        return [each for each in self.resources if each["urn"].endswith(f"::{CONNECTION}")]


def require_no_connection(stack: LiveStack) -> None:
    """Raise ``OperationError`` if the stack has a connection already."""
    known = State.read(stack).connection_id
    require(not known, f"Stack {stack.name} has connection {known} already: pulumi up sets it right.")


def import_connection(stack: LiveStack, connection: Connection, file: Path, program: PulumiFn) -> None:
    """Keep what is there in ``file``, then import it by an update of ``program``, or raise ``OperationError``.

    Nothing of the connection changes by that; the next update sets it right.
    """
    _save({**connection, "applications": stack.auth0.enabled_applications(connection["id"])}, file)
    workspace = LocalWorkspace(str(Path.cwd()), program=program_with_import(connection["id"], program))
    complain = partial(print, file=sys.stderr)
    try:
        up = Stack.select(stack.name, workspace).up
        up(on_output=print, on_error=complain, color="never", suppress_progress=True)
    except CommandError:
        if State.read(stack).connection_id:
            raise OperationError(
                f"The engine failed, as it says above, but the connection is taken: go on by pulumi up; {file} stays."
            ) from None
        file.unlink()
        raise OperationError(
            "The engine failed, as it says above, and nothing is taken. Take it when the cause is gone."
        ) from None


def program_with_import(connection_id: str, program: PulumiFn) -> PulumiFn:
    """Return ``program`` with ``import_`` on its connection, and whatever differs there left alone for this once."""

    def adopt(args: pulumi.ResourceTransformationArgs) -> pulumi.ResourceTransformationResult | None:
        if args.name != CONNECTION:
            return None
        # An import whose inputs differ from what is there is refused.
        as_it_is = pulumi.ResourceOptions(import_=connection_id, ignore_changes=["displayName", "options"])
        return pulumi.ResourceTransformationResult(args.props, pulumi.ResourceOptions.merge(args.opts, as_it_is))

    def adopting() -> None:
        pulumi.runtime.register_stack_transformation(adopt)
        program()

    return adopting


def _save(connection: Connection, file: Path) -> None:
    """Write a connection without its secret to a new, private file, or raise ``OperationError``."""
    kept = {name: connection[name] for name in ("display_name", *sorted(_SAVED)) if name in connection}
    kept["options"] = {name: value for name, value in kept["options"].items() if name != "client_secret"}
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise OperationError(f"{file} cannot be made ({error.strerror}): choose another file.") from None
    with os.fdopen(descriptor, "w") as out:
        json.dump(kept, out, indent=2)


def _load(file: Path) -> dict[str, Any]:
    """Return what ``take`` has kept, or raise ``OperationError``."""
    try:
        kept = json.loads(file.read_text())
    except OSError as error:
        raise OperationError(f"{file} cannot be read ({error.strerror}): choose the file that --take made.") from None
    except ValueError:
        kept = None
    require(isinstance(kept, dict) and kept.keys() >= _SAVED, f"{file} keeps no connection: choose what --take made.")
    return cast("dict[str, Any]", kept)


def restore_connection(stack: LiveStack, file: Path) -> None:
    """Restore what ``file`` holds, with today's client secret, and let the stack forget the connection.

    Applications that the stack has enabled it for, and that it was not enabled for before, lose it again.
    """
    kept, state = _load(file), State.read(stack)
    require(
        state.connection_id == kept["id"],
        f"Stack {stack.name} does not have {kept['id']}: choose the stack that took it; one that gave it back is done.",
    )
    path = f"connections/{quote(kept['id'])}"
    secret = stack.auth0.connection_options(kept["id"]).get("client_secret") or stack.setting("clientSecret")
    named = {name: kept[name] for name in ("display_name",) if name in kept}
    stack.auth0.call("PATCH", path, {**named, "options": {**kept["options"], "client_secret": secret}})
    if newcomers := sorted(state.applications - set(kept["applications"])):
        off = [{"client_id": client_id, "status": False} for client_id in newcomers]
        stack.auth0.call("PATCH", f"{path}/clients", off)
    state.forget_connection()
