"""Take a connection into a stack's state as it is, and give it back."""

import json
import os
import tempfile
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Self, cast
from urllib.parse import quote

from operations.adopt.existing_connection import Connection
from operations.errors import OperationError, require
from operations.stack import LiveStack, run_pulumi

CONNECTION = "tiktok-connection"
"""The connection's resource name in infra/tiktok_connection.py."""
_COMPONENTS = (("tiktok-login:index:TikTokLogin", "tiktok"), ("tiktok-login:index:TikTokConnection", "tiktok"))
"""Types and names of the components around it, the outermost first."""
_ENABLED = "auth0:index/connectionClient:ConnectionClient"
_SAVED = frozenset({"id", "options", "applications"})
# Auth0 does not let these be changed, or keeps them elsewhere.
_FIXED = frozenset({"id", "name", "strategy", "enabled_clients", "applications", "options"})


@dataclass(frozen=True, kw_only=True)
class State:
    """The resources of a stack."""

    stack: str
    resources: list[dict[str, Any]]

    @classmethod
    def read(cls, stack: LiveStack) -> Self:
        """Export it with the CLI, or raise ``OperationError``."""
        done = run_pulumi("stack", "export", "--stack", stack.name)
        require(done.returncode == 0, "Pulumi cannot export the stack.")
        return cls(stack=stack.name, resources=json.loads(done.stdout)["deployment"].get("resources") or [])

    @property
    def connection_id(self) -> str:
        """The id of the stack's connection, or "" if it has none."""
        return "".join(each.get("id", "") for each in self._connections)

    @property
    def applications(self) -> set[str]:
        """The client ids of the applications that the stack has enabled its connection for."""
        return {each["inputs"]["clientId"] for each in self.resources if each["type"] == _ENABLED}

    def forget_connection(self) -> None:
        """Remove the connection and what depends on it from the state, or raise ``OperationError``."""
        for urn in [each["urn"] for each in self._connections]:
            done = run_pulumi("state", "delete", urn, "--target-dependents", "--force", "--yes", "--stack", self.stack)
            require(done.returncode == 0, f"Pulumi cannot remove {urn} from the state: {done.stderr.strip()}")

    @property
    def _connections(self) -> list[dict[str, Any]]:
        return [each for each in self.resources if each["urn"].endswith(f"::{CONNECTION}")]


def require_no_connection(stack: LiveStack) -> None:
    """Raise ``OperationError`` if the stack has a connection already."""
    known = State.read(stack).connection_id
    require(not known, f"Stack {stack.name} already has connection {known}: run pulumi up to update it.")


def import_connection(stack: LiveStack, connection: Connection, file: Path) -> None:
    """Save the connection to ``file`` and import it into the state, or raise ``OperationError``.

    Nothing changes at Auth0 or Google. The next update changes the connection.
    """
    _save({**connection, "applications": stack.auth0.enabled_applications(connection["id"])}, file)
    with tempfile.TemporaryDirectory() as folder:
        resources = Path(folder, "resources.json")
        resources.write_text(json.dumps(_resources(connection["id"])))
        done = run_pulumi(
            "import", "--file", str(resources), "--stack", stack.name, "--yes", "--skip-preview",
            "--protect=false", "--generate-code=false",
        )  # fmt: skip
    if done.returncode:
        file.unlink()
        reason = " ".join((done.stdout + done.stderr).partition("error:")[2].split())
        raise OperationError(f"The import failed: {reason or 'no reason'}")


def _resources(connection_id: str) -> dict[str, Any]:
    """Describe the connection below its components, as ``pulumi import --file`` takes it."""
    described: list[dict[str, Any]] = []
    above: dict[str, str] = {}
    for kind, name in _COMPONENTS:
        described.append({"type": kind, "name": kind, "logicalName": name, "component": True, **above})
        above = {"parent": kind}
    connection = {"type": "auth0:index/connection:Connection", "name": CONNECTION, "id": connection_id}
    return {"resources": [*described, {**connection, "version": version("pulumi-auth0"), **above}]}


def _save(connection: Connection, file: Path) -> None:
    """Write a connection without its secret to a new, private file, or raise ``OperationError``."""
    saved = {name: value for name, value in connection.items() if name != "enabled_clients"}
    saved["options"] = {name: value for name, value in saved["options"].items() if name != "client_secret"}
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise OperationError(f"{file} cannot be created ({error.strerror}): choose another file.") from None
    with os.fdopen(descriptor, "w") as out:
        json.dump(saved, out, indent=2)


def _load(file: Path) -> dict[str, Any]:
    """Return what ``import_connection`` has saved, or raise ``OperationError``."""
    try:
        saved = json.loads(file.read_text())
    except OSError as error:
        raise OperationError(f"{file} cannot be read ({error.strerror}): use the file that --take created.") from None
    except ValueError:
        saved = None
    require(
        isinstance(saved, dict) and saved.keys() >= _SAVED,
        f"{file} contains no connection: use the file that --take created.",
    )
    return cast("dict[str, Any]", saved)


def restore_connection(stack: LiveStack, file: Path) -> None:
    """Restore what ``file`` holds, with today's client secret, and let the stack forget the connection.

    Applications that only the stack has enabled the connection for lose it again. May raise ``OperationError``.
    """
    saved, state = _load(file), State.read(stack)
    require(
        state.connection_id == saved["id"],
        f"Stack {stack.name} does not have {saved['id']}: choose the stack that imported it with --take.",
    )
    path = f"connections/{quote(saved['id'])}"
    now = stack.auth0.connection(saved["id"])
    secret = now.get("options", {}).get("client_secret") or stack.setting("clientSecret")
    changed = {name: value for name, value in saved.items() if name not in _FIXED and now.get(name) != value}
    # Auth0 resets a display name that is left out.
    named = {name: saved[name] for name in ("display_name",) if name in saved}
    body = {**changed, **named, "options": {**saved["options"], "client_secret": secret}}
    stack.auth0.call("PATCH", path, body)
    if newcomers := sorted(state.applications - set(saved["applications"])):
        off = [{"client_id": client_id, "status": False} for client_id in newcomers]
        stack.auth0.call("PATCH", f"{path}/clients", off)
    state.forget_connection()


def forget_connection(stack: LiveStack) -> str:
    """Let the stack forget its connection, which stays at Auth0, and return its id, or raise ``OperationError``."""
    state = State.read(stack)
    require(state.connection_id, f"Stack {stack.name} has no connection: choose another stack.")
    state.forget_connection()
    return state.connection_id
