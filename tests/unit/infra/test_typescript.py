"""What TypeScript programs in examples and documents pass to the component is in the package's schema."""

import re
from pathlib import Path
from typing import Any

import pytest

from tests.support.infra.declaring import ROOT
from tests.support.infra.generated_sdk import TOKEN, schema

_PROGRAMS = [ROOT / "examples" / "typescript" / "index.ts", ROOT / "README.md", ROOT / "docs" / "package.md"]
_CALL = re.compile(r'const (\w+) = new (?:\w+\.)?TikTokLogin\("[\w-]+", \{\n(.*?)\n *\}\);', re.DOTALL)
_ARGUMENT = re.compile(r"^ *(\w+): (.+),$", re.MULTILINE)
# An expression, whether it is a plain value, and its type. A member of a resource is an Output.
_EXPRESSIONS = [
    (r'config\.require\("\w+"\)|"[^"]*"', True, "string"),
    (r'config\.requireSecret\("\w+"\)|\w+\.\w+', False, "string"),
    (r"\{ .* \}", True, "object"),
    (r"\[.*\]", True, "array"),
    (r"true|false", True, "boolean"),
]


def _problems(name: str, expression: str, properties: dict[str, Any]) -> list[str]:
    """Return what the schema has against an argument."""
    about = properties.get(name)
    if about is None:
        return [f"{name} is no property"]
    [(plain, kind)] = [(plain, kind) for form, plain, kind in _EXPRESSIONS if re.fullmatch(form, expression)]
    problems = [] if about.get("type") == kind else [f"{name} is no {kind}"]
    return problems + ([f"{name} must be plain"] if about.get("plain") and not plain else [])


@pytest.mark.parametrize("program", _PROGRAMS, ids=lambda path: path.name)
def test_every_argument_and_output_of_a_program_is_in_the_schema(program: Path) -> None:
    about, text = schema()["resources"][TOKEN], program.read_text()
    [(variable, body)] = _CALL.findall(text)
    arguments: dict[str, str] = dict(_ARGUMENT.findall(body))
    assert len(arguments) == len(body.splitlines())

    assert set(about["requiredInputs"]) <= set(arguments)
    assert [each for key, value in arguments.items() for each in _problems(key, value, about["inputProperties"])] == []
    outputs = set(re.findall(rf"\b{variable}\.(\w+)", text.partition("TikTokLogin(")[2]))
    assert outputs
    assert outputs <= set(about["properties"])


@pytest.mark.parametrize(
    ("name", "expression", "problem"),
    [
        ("clientID", '"aw123"', "clientID is no property"),
        ("applications", '["app1"]', "applications is no array"),
        ("displayName", "shop.name", "displayName must be plain"),
    ],
)
def test_a_wrong_argument_would_be_noticed(name: str, expression: str, problem: str) -> None:
    assert _problems(name, expression, schema()["resources"][TOKEN]["inputProperties"]) == [problem]
