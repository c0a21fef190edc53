"""Taking a connection into a stack's state as it is, and giving it back."""

import json
import os
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pulumi
from pulumi.automation import LocalWorkspace, PulumiFn, Stack

from infra.adopt.by_hand import Connection
from infra.verify.check import hold
from infra.verify.stack import LiveStack
from infra.verify.stack import pulumi as pulumi_cli

_RESOURCE = "tiktok-connection"
_SHOWN = ("id", "name", "display_name", "options")


def take(stack: LiveStack, connection: Connection, file: Path, program: PulumiFn) -> None:
    """Keep what is there in ``file``, then import it by an update of ``program``, or raise the engine's error.

    Nothing of the connection changes by that; the next update sets it right.
    """
    _keep(connection, file)
    selected = Stack.select(stack.name, LocalWorkspace(str(Path.cwd()), program=importing(connection["id"], program)))
    selected.up(on_output=print, color="never", suppress_progress=True)


def importing(connection_id: str, program: PulumiFn) -> PulumiFn:
    """Return ``program`` with ``import_`` on its connection, and whatever differs there left alone for this once."""

    def adopt(args: pulumi.ResourceTransformationArgs) -> pulumi.ResourceTransformationResult | None:
        if args.name != _RESOURCE:
            return None
        # An import whose inputs differ from what is there is refused.
        as_it_is = pulumi.ResourceOptions(import_=connection_id, ignore_changes=["displayName", "options"])
        return pulumi.ResourceTransformationResult(args.props, pulumi.ResourceOptions.merge(args.opts, as_it_is))

    def adopting() -> None:
        pulumi.runtime.register_stack_transformation(adopt)
        program()

    return adopting


def _keep(connection: Connection, file: Path) -> None:
    """Write a connection to a new file that only its owner reads, without the client secret."""
    kept = {name: connection[name] for name in _SHOWN if name in connection}
    kept["options"] = {name: value for name, value in kept["options"].items() if name != "client_secret"}
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as out:
        json.dump(kept, out, indent=2)


def undo(stack: LiveStack, file: Path) -> None:
    """Put back what ``file`` keeps, with today's client secret, and let the stack forget it, or raise ``Failed``."""
    kept: dict[str, Any] = json.loads(file.read_text())
    path = f"connections/{quote(kept['id'])}"
    present = stack.tenant.connection(kept["id"])["options"]
    secret = {name: present[name] for name in ("client_secret",) if name in present}
    before = {name: kept[name] for name in ("display_name",) if name in kept}
    stack.tenant.call("PATCH", path, {**before, "options": {**kept["options"], **secret}})
    _forget(stack)


def _forget(stack: LiveStack) -> None:
    listed = pulumi_cli("stack", "export", "--stack", stack.name)
    hold(listed.returncode == 0, "Pulumi cannot export the stack.")
    resources = json.loads(listed.stdout)["deployment"].get("resources", [])
    for urn in [each["urn"] for each in resources if each["urn"].endswith(f"::{_RESOURCE}")]:
        forgotten = pulumi_cli("state", "delete", urn, "--target-dependents", "--force", "--yes", "--stack", stack.name)
        hold(forgotten.returncode == 0, f"Pulumi does not forget {urn}: {forgotten.stderr.strip()}")
