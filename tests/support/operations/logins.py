"""The ways, besides an application's secret, in which a stack may log in to Auth0."""

import secrets
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest

from emulators.auth0.state import Token
from infra.permissions import DEPLOYER_SCOPES
from operations.stack import LiveStack
from tests.support.operations.typing_commands import Shell

_CLI = Path(__file__).with_name("auth0")


def token(shell: Shell, scopes: Iterable[str] = DEPLOYER_SCOPES) -> str:
    """Return a new token for the tenant's Management API."""
    tenant = shell.deployed.vendors.tenant
    made = secrets.token_urlsafe()
    tenant.tokens[made] = Token(client_id="somebody", scopes=frozenset(scopes), expires=tenant.now() + 3600)
    return made


def logged_in(live: LiveStack, **settings: str) -> LiveStack:
    """Return the stack as if its file had ``settings`` of the Auth0 provider in place of an application's secret."""
    others = {key: known for key, known in live.config.items() if not key.startswith("auth0:client")}
    ours = {f"auth0:{key}": {"value": value, "secret": key == "apiToken"} for key, value in settings.items()}
    return replace(live, config={**others, **ours})


def cli(patch: pytest.MonkeyPatch, folder: Path, token: str) -> None:
    """Put Auth0's CLI on PATH, logged in with ``token``."""
    (folder / "auth0").symlink_to(_CLI)
    patch.setenv("PATH", str(folder), prepend=":")
    patch.setenv("AUTH0_CLI_TOKEN", token)
