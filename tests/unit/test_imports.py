"""Each part imports only what docs/architecture.md allows it."""

import ast
from collections.abc import Generator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PARTS = ("proxy_app", "infra", "operations", "bootstrap", "clerk", "emulators", "rehearsal", "bench", "tests", "tools")
EVERYTHING = PARTS
# The longest name that a module's own name begins with decides.
ALLOWED: dict[str, tuple[str, ...]] = {
    "proxy_app": (),
    "infra": (),
    "clerk": ("infra.config_reader", "infra.permissions"),
    "bootstrap": ("infra.config_reader", "infra.permissions"),
    "operations": ("infra", "clerk"),
    "emulators": ("emulators.kit",),
    "emulators.kit": (),
    "emulators.tiktok": (),
    "rehearsal": ("infra", "clerk", "emulators", "operations"),
    "rehearsal.application": ("emulators.kit",),
    "rehearsal.stand_in_plugins": (),
    "bench": ("proxy_app", "infra", "emulators", "tests.support"),
    "tests": EVERYTHING,
    "tools": EVERYTHING,
}


def _sources() -> Generator[Path]:
    for part in PARTS:
        yield from (path for path in (ROOT / part).rglob("*.py") if "node_modules" not in path.parts)


def _module(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def _imported(path: Path) -> Generator[tuple[int, str]]:
    """Yield each imported module with its line; ``from a import b`` counts as ``a.b``, which may be a module."""
    package = path.relative_to(ROOT).parent.parts
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, name.name) for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) + 1 - node.level] if node.level else ()
            source = ".".join((*above, *filter(None, [node.module])))
            yield from ((node.lineno, f"{source}.{name.name}") for name in node.names)


def _is_within(module: str, package: str) -> bool:
    return module == package or module.startswith(f"{package}.")


def _own_part(module: str) -> str:
    """Return the part that a module belongs to: the longest name in ``ALLOWED`` that it begins with."""
    return max((part for part in ALLOWED if _is_within(module, part)), key=len)


def _forbidden(path: Path) -> Generator[str]:
    part = _own_part(_module(path))
    # Of the emulators each is a part of its own.
    own = ".".join(_module(path).split(".")[:2]) if part == "emulators" else part
    for line, imported in _imported(path):
        ours = imported.split(".")[0] in PARTS
        if ours and not any(_is_within(imported, package) for package in (own, *ALLOWED[part])):
            yield f"{path.relative_to(ROOT)}:{line} imports {imported}"


def test_every_part_imports_only_what_it_may() -> None:
    assert [line for path in _sources() for line in _forbidden(path)] == []


def _graph() -> dict[str, set[str]]:
    """Return which of our modules each of our modules imports, type checking included."""
    modules = {_module(path): path for path in _sources()}
    graph: dict[str, set[str]] = {}
    for module, path in modules.items():
        names = [name for _, name in _imported(path)]
        found = (name if name in modules else name.rpartition(".")[0] for name in names)
        graph[module] = {name for name in found if name in modules} - {module}
    return graph


def _cycle(graph: dict[str, set[str]]) -> list[str]:
    """Return the modules of one import cycle, or nothing if there is none."""
    finished: set[str] = set()

    def visit(module: str, path: tuple[str, ...]) -> list[str]:
        if module in path:
            return [*path[path.index(module) :], module]
        if module in finished:
            return []
        for imported in sorted(graph[module]):
            if cycle := visit(imported, (*path, module)):
                return cycle
        finished.add(module)
        return []

    cycles = (visit(module, ()) for module in sorted(graph))
    return next((cycle for cycle in cycles if cycle), list[str]())


def test_no_modules_import_each_other() -> None:
    assert _cycle(_graph()) == []


_Graph = dict[str, set[str]]
_GRAPHS: list[tuple[_Graph, list[str]]] = [
    ({"a": {"b"}, "b": {"c"}, "c": set()}, []),
    ({"a": {"b"}, "b": {"c"}, "c": {"b"}}, ["b", "c", "b"]),
]


@pytest.mark.parametrize(("graph", "cycle"), _GRAPHS)
def test_a_cycle_is_found(graph: _Graph, cycle: list[str]) -> None:
    assert _cycle(graph) == cycle
