"""Where a live stack's people sign in: read from the stack's outputs, or named by AUTH0_DOMAIN."""

import json
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_SECONDS = 60
_CALLBACK = "/login/callback"


class SignInTargetError(Exception):
    """Nothing says where to sign in; the message says what would."""


@dataclass(frozen=True, kw_only=True)
class SignIn:
    """The issuer to sign in at, and the connection to ask it for."""

    issuer: str
    connection: str


def sign_in_at(stack: str, environment: Mapping[str, str]) -> SignIn:
    """Return where people of ``stack`` sign in; without a stack, AUTH0_DOMAIN names it."""
    if stack:
        outputs = _outputs(stack)
        # The one redirect URI that TikTok knows begins with the domain that people sign in at, a custom one included.
        origin = outputs["tiktok_portal"]["redirect_uri"].removesuffix(_CALLBACK)
        return SignIn(issuer=f"{origin}/", connection=outputs["connection_name"])
    if domain := environment.get("AUTH0_DOMAIN"):
        return SignIn(issuer=f"https://{domain}/", connection=environment.get("AUTH0_CONNECTION", "tiktok"))
    raise SignInTargetError("Say which stack to sign in to (make try STACK=dev APPLICATION=...), or set AUTH0_DOMAIN.")


def _outputs(stack: str) -> dict[str, Any]:
    pulumi = shutil.which("pulumi")
    if not pulumi:
        raise SignInTargetError(
            "There is no Pulumi CLI on PATH to read the stack's outputs by; set AUTH0_DOMAIN in its place."
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
