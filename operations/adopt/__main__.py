"""``python -m operations.adopt STACK``: show what the stack would change of a connection that was made by hand.

With --take FILE it imports the connection as it is, and pulumi up then changes it; with --undo FILE it puts back what
was there, and lets the stack forget the connection. Exit codes: 0 done, 1 refused, 2 the stack cannot be read.
"""

import argparse
import sys
from pathlib import Path

import httpx2

from infra.program import deploy
from operations.adopt.existing_connection import describe_changes, find_connection
from operations.adopt.import_connection import import_connection, require_no_connection, restore_connection
from operations.errors import OperationError, StackUnreadableError
from operations.stack import LiveStack


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m operations.adopt", description=__doc__)
    parser.add_argument("stack", help="the stack's name")
    parser.add_argument("--connection", default="", metavar="ID", help="which connection, where there are several")
    act = parser.add_mutually_exclusive_group()
    act.add_argument("--take", type=Path, metavar="FILE", help="take it over; FILE keeps what it was, less its secret")
    act.add_argument("--undo", type=Path, metavar="FILE", help="put back what FILE keeps")
    return parser.parse_args()


def _adopt(arguments: argparse.Namespace, stack: LiveStack) -> None:
    if arguments.undo:
        restore_connection(stack, arguments.undo)
        print("The connection is as it was, and no longer the stack's.")  # noqa: T201  # a command speaks by printing
        return
    require_no_connection(stack)
    connection = find_connection(stack, arguments.connection)
    lines = [
        f"{connection['id']} ({connection['name']}) is taken over with its id and its users. Then pulumi up changes:"
    ]
    lines += [f"  {sentence}" for sentence in describe_changes(stack, connection)]
    print(stack.redact("\n".join(lines)))  # noqa: T201  # the same
    if arguments.take:
        import_connection(stack, connection, arguments.take, deploy)
        print(f"Taken as it is. Now: pulumi preview --diff --stack {stack.name}, and pulumi up.")  # noqa: T201  # the same


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
