"""``python -m operations.verify STACK``: say what of a live stack works, and what to do about the rest.

Exit codes: 0 all holds, 1 something does not, 2 the stack cannot be read, or has nothing of what was asked for.
"""

import argparse
import json
import sys
from collections.abc import Sequence

from operations.verify import clerk
from operations.verify.check import Check, findings
from operations.verify.live import CHECKS
from operations.verify.preflight import PREFLIGHT
from operations.verify.sign_in import SIGN_IN
from operations.verify.stack import LiveStack, NoStack

_FOLDERS = {"auth0": ".", "clerk": "clerk"}


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m operations.verify", description=__doc__)
    parser.add_argument("stack", help="the stack's name")
    parser.add_argument("--preflight", action="store_true", help="what must hold before the first pulumi up")
    parser.add_argument("--sign-in", action="store_true", help="sign in, too, on a stack with the stand-in")
    parser.add_argument("--identity", choices=["auth0", "clerk"], default="auth0", help="whose stack it is")
    parser.add_argument("--json", action="store_true", help="print the findings as JSON")
    return parser.parse_args()


def _checks(arguments: argparse.Namespace, stack: LiveStack) -> Sequence[Check[LiveStack]]:
    """Return the checks of a stack, or raise ``NoStack``."""
    on_clerk = arguments.identity == "clerk"
    if arguments.sign_in and on_clerk:
        raise NoStack(clerk.NO_SIGN_IN)
    if arguments.preflight:
        return clerk.PREFLIGHT if on_clerk else PREFLIGHT
    if "tiktok_portal" not in stack.outputs:
        if on_clerk:
            raise NoStack(
                f"Stack {stack.name} has no connection at Clerk yet: pulumi up --cwd clerk --stack {stack.name}."
            )
        raise NoStack(f"Stack {stack.name} has no connection at Auth0 yet: pulumi up --stack {stack.name}.")
    if on_clerk:
        return clerk.LIVE
    return CHECKS + (SIGN_IN if arguments.sign_in else ())


def main() -> int:
    """Check as the command line says, print a line for each fact, and return the exit code."""
    arguments = _arguments()
    try:
        stack = LiveStack.read(arguments.stack, _FOLDERS[arguments.identity])
        checks = _checks(arguments, stack)
    except NoStack as reason:
        print(reason, file=sys.stderr)  # noqa: T201  # a command speaks by printing
        return 2
    found = findings(checks, stack, stack.hide)
    lines = [finding.line() for finding in found]
    print(json.dumps([each.plain() for each in found]) if arguments.json else "\n".join(lines))  # noqa: T201  # the same
    return 0 if all(finding.holds for finding in found) else 1


if __name__ == "__main__":
    sys.exit(main())
