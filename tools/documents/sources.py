"""Facts read from Python sources without running them: literals in calls, and the sentences of refusals."""

import ast
from collections.abc import Generator
from pathlib import Path

ROOT = Path(__file__).parents[2]


def literals_in_calls(path: str, *functions: str) -> list[str]:
    """Return the first literal text of each call of one of ``functions``, without duplicates, in order."""
    calls = (node for node in _nodes(path) if isinstance(node, ast.Call) and _function_name(node) in functions)
    texts = ([text for argument in call.args if (text := _text(argument))] for call in calls)
    return list(dict.fromkeys(text for found in texts for text in found[:1]))


def read_refusals(*paths: str) -> list[str]:
    """Return every sentence that the sources refuse something with, without duplicates; ``…`` is a variable part.

    Those are the texts that are raised, appended to a list of problems, passed to ``require``, or yielded.
    """
    found = (" ".join(text.split()) for path in paths for node in _nodes(path) for text in _refusals(node))
    return list(dict.fromkeys(each for each in found if each.endswith((".", "…"))))


def _nodes(path: str) -> list[ast.AST]:
    """Return the syntax nodes of a file, or of every file that a pattern matches, in the order of the lines."""
    found: list[ast.AST] = []
    for file in sorted(ROOT.glob(path)):
        nodes = ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        found += sorted(nodes, key=lambda node: getattr(node, "lineno", 0))
    return found


def _refusals(node: ast.AST) -> Generator[str]:
    if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
        yield from map(_text, node.exc.args)
    elif isinstance(node, ast.Call) and _function_name(node) in {"append", "require", "_refuse", "_raise_refusal"}:
        yield from map(_text, node.args)
    elif isinstance(node, ast.Yield) and node.value:
        yield _text(node.value)


def _function_name(call: ast.Call) -> str:
    return ast.unparse(call.func).rpartition(".")[2]


def _text(node: ast.AST) -> str:
    """Return a literal text, or nothing for another node."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else ""
    if isinstance(node, ast.JoinedStr):
        return "".join(_text(part) or "…" for part in node.values)
    return ""
