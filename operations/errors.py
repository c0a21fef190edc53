"""Errors of the commands; each message is a sentence for the person who runs one."""


class OperationError(Exception):
    """A check fails, or a command is refused; the message says why and holds no secret."""


class NotPermittedError(OperationError):
    """The identity may not read or do something; the message has the vendor's reason."""


class StackUnreadableError(OperationError):
    """The stack cannot be read, or has not what the command needs; the message says what to do."""


def require(condition: object, message: str) -> None:
    """Raise ``OperationError`` with ``message`` unless ``condition`` is true."""
    if not condition:
        raise OperationError(message)
