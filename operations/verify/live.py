"""What has to hold for people to sign in to a stack that is deployed."""

import json

from operations.verify.check import Check, hold
from operations.verify.connection import CONNECTION
from operations.verify.proxy import PROXY
from operations.verify.stack import LiveStack, pulumi


def _no_drift(stack: LiveStack) -> str:
    answer = pulumi("preview", "--refresh", "--expect-no-changes", "--stack", stack.name, "--cwd", stack.folder)
    said = [line.strip() for line in (answer.stdout + answer.stderr).splitlines() if line.strip()]
    hold(answer.returncode == 0, f"The preview fails, or would change something: {json.dumps(said[-3:])}")
    return "the stack is as its program says."


NO_DRIFT = Check(
    name="no drift",
    remedy="Look at the difference by pulumi preview --refresh --diff, and take it back by pulumi up --refresh.",
    probe=_no_drift,
)
CHECKS = (*PROXY, *CONNECTION, NO_DRIFT)
