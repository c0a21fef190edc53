"""Taking a connection into a stack's state as it is, and giving it back."""

import json
import os
import sys
from functools import partial
from pathlib import Path
from typing import Any, cast
from urllib.parse import quote

import pulumi
from pulumi.automation import LocalWorkspace, PulumiFn, Stack
from pulumi.automation.errors import CommandError

from operations.adopt.existing_connection import Connection
from operations.adopt.state import CONNECTION, State
from operations.verify.check import Failed, hold
from operations.verify.stack import LiveStack

_KEPT = frozenset({"id", "options", "applications"})


def hold_free(stack: LiveStack) -> None:
    """Raise ``Failed`` where a stack can take no connection: it has a connection of its own."""
    known = State.read(stack).connection_id
    hold(not known, f"Stack {stack.name} has connection {known} already: pulumi up sets it right.")


def take(stack: LiveStack, connection: Connection, file: Path, program: PulumiFn) -> None:
    """Keep what is there in ``file``, then import it by an update of ``program``, or raise ``Failed``.

    Nothing of the connection changes by that; the next update sets it right.
    """
    _keep({**connection, "applications": stack.tenant.enabled(connection["id"])}, file)
    workspace = LocalWorkspace(str(Path.cwd()), program=importing(connection["id"], program))
    complain = partial(print, file=sys.stderr)
    try:
        up = Stack.select(stack.name, workspace).up
        up(on_output=print, on_error=complain, color="never", suppress_progress=True)
    except CommandError:
        if State.read(stack).connection_id:
            raise Failed(
                f"The engine failed, as it says above, but the connection is taken: go on by pulumi up; {file} stays."
            ) from None
        file.unlink()
        raise Failed(
            "The engine failed, as it says above, and nothing is taken. Take it when the cause is gone."
        ) from None


def importing(connection_id: str, program: PulumiFn) -> PulumiFn:
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


def _keep(connection: Connection, file: Path) -> None:
    """Write a connection to a new file that only its owner reads, without the client secret, or raise ``Failed``."""
    kept = {name: connection[name] for name in ("display_name", *sorted(_KEPT)) if name in connection}
    kept["options"] = {name: value for name, value in kept["options"].items() if name != "client_secret"}
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise Failed(f"{file} cannot be made ({error.strerror}): choose another file.") from None
    with os.fdopen(descriptor, "w") as out:
        json.dump(kept, out, indent=2)


def _kept(file: Path) -> dict[str, Any]:
    """Return what ``take`` has kept, or raise ``Failed``."""
    try:
        kept = json.loads(file.read_text())
    except OSError as error:
        raise Failed(f"{file} cannot be read ({error.strerror}): choose the file that --take made.") from None
    except ValueError:
        kept = None
    hold(isinstance(kept, dict) and kept.keys() >= _KEPT, f"{file} keeps no connection: choose what --take made.")
    return cast("dict[str, Any]", kept)


def undo(stack: LiveStack, file: Path) -> None:
    """Put back what ``file`` keeps, with today's client secret, and let the stack forget it, or raise ``Failed``.

    Applications that the stack has enabled it for, and that it was not enabled for before, lose it again.
    """
    kept, state = _kept(file), State.read(stack)
    hold(
        state.connection_id == kept["id"],
        f"Stack {stack.name} does not have {kept['id']}: choose the stack that took it; one that gave it back is done.",
    )
    path = f"connections/{quote(kept['id'])}"
    secret = stack.tenant.options(kept["id"]).get("client_secret") or stack.setting("clientSecret")
    named = {name: kept[name] for name in ("display_name",) if name in kept}
    stack.tenant.call("PATCH", path, {**named, "options": {**kept["options"], "client_secret": secret}})
    if newcomers := sorted(state.applications - set(kept["applications"])):
        off = [{"client_id": client_id, "status": False} for client_id in newcomers]
        stack.tenant.call("PATCH", f"{path}/clients", off)
    state.forget_connection()
