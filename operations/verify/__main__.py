"""``python -m operations.verify STACK``: diagnose a stack, and say what to do about each fact that does not hold.

Exit codes: 0 everything holds, 1 something does not, 2 the stack cannot be read or is not deployed yet.
"""

import argparse
import json
import sys
from collections.abc import Sequence

from operations.errors import StackUnreadableError
from operations.stack import LiveStack
from operations.verify import clerk
from operations.verify.bootstrapped import bootstrap_checks
from operations.verify.check import Check, run_checks
from operations.verify.live import LIVE
from operations.verify.preflight import PREFLIGHT
from operations.verify.sign_in import SIGN_IN

_FOLDERS = {"auth0": ".", "clerk": "clerk"}


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m operations.verify", description=__doc__)
    parser.add_argument("stack", help="the stack's name")
    parser.add_argument("--preflight", action="store_true", help="check the accounts before the first pulumi up")
    parser.add_argument("--sign-in", action="store_true", help="also sign in, on a stack with the stand-in")
    parser.add_argument("--identity", choices=["auth0", "clerk"], default="auth0", help="whose stack it is")
    parser.add_argument("--json", action="store_true", help="print the findings as JSON")
    return parser.parse_args()


def _checks(arguments: argparse.Namespace, stack: LiveStack) -> Sequence[Check]:
    """Return the checks of a stack, or raise ``StackUnreadableError``."""
    on_clerk = arguments.identity == "clerk"
    if arguments.sign_in and on_clerk:
        raise StackUnreadableError(clerk.NO_SIGN_IN)
    if arguments.preflight:
        return clerk.PREFLIGHT if on_clerk else (*PREFLIGHT, *bootstrap_checks(stack))
    if "tiktok_portal" not in stack.outputs:
        vendor, option = ("Clerk", " --cwd clerk") if on_clerk else ("Auth0", "")
        raise StackUnreadableError(
            f"Stack {stack.name} has no connection at {vendor} yet: pulumi up{option} --stack {stack.name}."
        )
    if on_clerk:
        return clerk.LIVE
    return LIVE + (SIGN_IN if arguments.sign_in else ())


def main() -> int:
    """Print a line for each fact, and return the exit code."""
    arguments = _arguments()
    try:
        stack = LiveStack.read(arguments.stack, _FOLDERS[arguments.identity])
        checks = _checks(arguments, stack)
    except StackUnreadableError as error:
        print(error, file=sys.stderr)  # noqa: T201  # a command prints
        return 2
    found = run_checks(checks, stack)
    lines = [finding.line() for finding in found]
    print(json.dumps([each.to_json() for each in found]) if arguments.json else "\n".join(lines))  # noqa: T201  # the same
    return 0 if all(finding.holds for finding in found) else 1


if __name__ == "__main__":
    sys.exit(main())
