"""Finds where to sign in to a live stack: from the stack's outputs, or from AUTH0_DOMAIN."""

import json
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_SECONDS = 60
_CALLBACK = "/login/callback"


class SignInTargetError(Exception):
    """It is unknown where to sign in; the message says what to set."""


@dataclass(frozen=True, kw_only=True)
class SignIn:
    """The issuer to sign in at, and the connection to ask it for."""

    issuer: str
    connection: str


def sign_in_at(stack: str, environment: Mapping[str, str]) -> SignIn:
    """Return where to sign in to ``stack``; without a stack, AUTH0_DOMAIN is used."""
    if stack:
        outputs = _outputs(stack)
        # The redirect URI begins with the domain of the login, which may be a custom one.
        origin = outputs["tiktok_portal"]["redirect_uri"].removesuffix(_CALLBACK)
        return SignIn(issuer=f"{origin}/", connection=outputs["connection_name"])
    if domain := environment.get("AUTH0_DOMAIN"):
        return SignIn(issuer=f"https://{domain}/", connection=environment.get("AUTH0_CONNECTION", "tiktok"))
    raise SignInTargetError("STACK is missing: run make try STACK=dev APPLICATION=CLIENT-ID, or set AUTH0_DOMAIN.")


def _outputs(stack: str) -> dict[str, Any]:
    pulumi = shutil.which("pulumi")
    if not pulumi:
        raise SignInTargetError(
            "There is no Pulumi CLI on PATH to read the stack's outputs with: install it, or set AUTH0_DOMAIN instead."
        )
    asked = [pulumi, "stack", "output", "--json", "--stack", stack]
    try:
        answer = subprocess.run(asked, capture_output=True, text=True, timeout=_SECONDS, check=True)  # noqa: S603  # fixed arguments
    except subprocess.SubprocessError as error:
        raise SignInTargetError(f"The outputs of stack {stack} cannot be read: {_reason(error)}") from None
    outputs = json.loads(answer.stdout)
    if not {"tiktok_portal", "connection_name"} <= outputs.keys():
        raise SignInTargetError(f"Stack {stack} has no connection yet: deploy it first (pulumi up --stack {stack}).")
    return outputs


def _reason(error: subprocess.SubprocessError) -> str:
    said = error.stderr if isinstance(error, subprocess.CalledProcessError) else ""
    return (said or str(error)).strip().splitlines()[-1]
