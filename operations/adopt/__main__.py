"""``python -m operations.adopt STACK``: show what the stack would change of a connection that was made by hand.

--take FILE imports the connection into the stack, and nothing else: no change at Auth0 or Google. pulumi up then
changes the connection. --undo FILE restores what it was, and the stack forgets it. --forget only lets the stack forget
its connection, which stays as it is. Exit codes: 0 done, 1 refused, 2 the stack cannot be read.
"""

import argparse
import sys
from pathlib import Path

import httpx2

from operations.adopt.existing_connection import describe_changes, find_connection, require_same_users
from operations.adopt.import_connection import (
    forget_connection,
    import_connection,
    require_no_connection,
    restore_connection,
)
from operations.adopt.profile_script import IDS
from operations.errors import OperationError, StackUnreadableError
from operations.stack import LiveStack


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m operations.adopt", description=__doc__)
    parser.add_argument("stack", help="the stack's name")
    parser.add_argument("--connection", default="", metavar="ID", help="which connection, if there are several")
    parser.add_argument("--returns", default="", choices=IDS, help="the id that its script returns, if unknown")
    act = parser.add_mutually_exclusive_group()
    act.add_argument("--take", type=Path, metavar="FILE", help="import it; FILE keeps what it was, without its secret")
    act.add_argument("--undo", type=Path, metavar="FILE", help="restore what FILE keeps, and forget the connection")
    act.add_argument("--forget", action="store_true", help="forget the stack's connection; it stays at Auth0")
    return parser.parse_args()


def _say(text: str) -> None:
    print(text)  # noqa: T201  # a command prints


def _adopt(arguments: argparse.Namespace, stack: LiveStack) -> None:
    if arguments.undo:
        restore_connection(stack, arguments.undo)
        _say("The connection is as it was, and the stack has forgotten it.")
    elif arguments.forget:
        _say(f"{forget_connection(stack)} stays at Auth0 as it is, and the stack has forgotten it.")
    else:
        _take(arguments, stack)


def _take(arguments: argparse.Namespace, stack: LiveStack) -> None:
    require_no_connection(stack)
    connection = find_connection(stack, arguments.connection)
    name = f"{connection['id']} ({connection['name']})"
    lines = [f"Acts as {stack.auth0.identity}.", f"{name} keeps its id and its users. After --take, pulumi up changes:"]
    lines += [f"  {sentence}" for sentence in describe_changes(stack, connection)]
    _say(stack.redact("\n".join(lines)))
    require_same_users(stack, connection, arguments.returns)
    if arguments.take:
        import_connection(stack, connection, arguments.take)
        _say(f"Imported as it is. Now: pulumi preview --diff --stack {stack.name}, and pulumi up.")


def main() -> int:
    """Do what the command line says, and return the exit code."""
    arguments = _arguments()
    try:
        _adopt(arguments, LiveStack.read(arguments.stack))
    except StackUnreadableError as error:
        print(error, file=sys.stderr)  # noqa: T201  # the same
        return 2
    except (OperationError, httpx2.HTTPError) as error:
        print(error, file=sys.stderr)  # noqa: T201  # the same
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
