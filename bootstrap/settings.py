"""The settings of the bootstrap project, read and checked in one place."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self, cast

from infra.config_reader import Reader, Rule, SettingsError, must_be
from infra.permissions import READER, Access, StackNames

_PROJECT_FILE = Path(__file__).with_name("Pulumi.yaml")
_MOST_REVIEWERS = 6  # https://docs.github.com/en/actions/reference/workflows-and-actions/deployments-and-environments
_REPOSITORY = Rule("OWNER/NAME", r"[\w.-]+/[\w.-]+")
_STACKS = Rule("an object with one entry for each stack", r"\{(?s:.+)\}")
_STACK_NAME = Rule("2 to 12 lower-case letters, digits and hyphens", r"[a-z][a-z0-9-]{1,11}")
# Twins of rules in infra/vendor_rules.py, which this project may not import. A test compares them.
EMAIL = Rule("an e-mail address", r"[^@\s]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
STACK_RULES = {
    "project": Rule("a project's id", r"[a-z][a-z0-9-]{4,28}[a-z0-9]"),
    "tenant": Rule(
        "the tenant's domain without https://, such as example.eu.auth0.com",
        r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*(:\d{1,5})?",
    ),
    "region": Rule(
        "a region such as europe-west1",
        r"(africa|asia|australia|europe|me|northamerica|southamerica|us)-(north|south|east|west|central)(east|west)?\d{1,2}",
    ),
}


@dataclass(frozen=True, kw_only=True)
class Environment:
    """One of GitHub's environments; its jobs run on ``branch`` or ``tag`` only, or else on anything."""

    name: str
    is_reviewed: bool
    branch: str | None = None
    tag: str | None = None


@dataclass(frozen=True, kw_only=True)
class StackSettings:
    """One stack of the main program; ``reviewers`` are names of GitHub users."""

    project: str
    tenant: str
    region: str
    reviewers: tuple[str, ...]
    names: StackNames

    def environments(self, access: Access) -> list[Environment]:
        """Return the environments whose jobs get this access; only a stack with reviewers needs one for drift."""
        names = self.names
        if access is READER:
            # A preview runs on the merge commit of a pull request, which no pattern matches.
            preview = Environment(name=names.preview_environment, is_reviewed=True)
            drift = Environment(name=names.drift_environment, is_reviewed=False, branch="main")
            return [preview, drift] if self.reviewers else [preview]
        if names.stack == "prod":  # a release deploys it
            return [Environment(name=names.stack, is_reviewed=True, tag="v*")]
        return [Environment(name=names.stack, is_reviewed=True, branch="main")]


@dataclass(frozen=True, kw_only=True)
class Settings:
    """All settings of the bootstrap project."""

    owner: str
    repository: str
    stacks: tuple[StackSettings, ...]
    administrator: str
    auth0_cli_login: bool

    @classmethod
    def from_config(cls) -> Self:
        """Read the stack's configuration, or raise ``SettingsError`` with a sentence for each problem."""
        reader = Reader(_PROJECT_FILE)
        owner, _, repository = reader.text("repository", _REPOSITORY).partition("/")
        settings = cls(
            owner=owner,
            repository=repository,
            stacks=_read_stacks(reader),
            administrator=reader.text("administrator", EMAIL, required=False),
            auth0_cli_login=reader.boolean("auth0CliLogin"),
        )
        if reader.problems:
            raise SettingsError("\n".join(reader.problems))
        return settings


def _read_stacks(reader: Reader) -> tuple[StackSettings, ...]:
    text = reader.text("stacks", _STACKS)
    # Anything else is a problem that the reader has reported.
    stacks: dict[str, Any] = json.loads(text) if _STACKS.accepts(text) else {}
    return tuple(_read_stack(reader, name, settings) for name, settings in stacks.items())


def _read_stack(reader: Reader, name: str, settings: object) -> StackSettings:
    key = f"{reader.project}:stacks.{name}"
    given: dict[str, Any] = cast("dict[str, Any]", settings) if isinstance(settings, dict) else {}
    texts = {part: str(given.get(part, "")) for part in STACK_RULES}
    texts["region"] = texts["region"] or "europe-west1"
    reviewers = cast("object", given.get("reviewers", []))
    wants = f"a list of at most {_MOST_REVIEWERS} GitHub users"
    problems = [_STACK_NAME.problem(f"{key}: the name", name)]
    problems += [rule.problem(f"{key}.{part}", texts[part]) for part, rule in STACK_RULES.items()]
    if unknown := sorted(given.keys() - {*STACK_RULES, "reviewers"}):
        problems.append(must_be(key, f"an object of {', '.join(STACK_RULES)} and reviewers", ", ".join(unknown)))
    usernames = cast("list[object]", reviewers) if isinstance(reviewers, list) else None
    if usernames is None or len(usernames) > _MOST_REVIEWERS:
        problems.append(must_be(f"{key}.reviewers", wants, str(given["reviewers"])))
    reader.problems += filter(None, problems)
    names = StackNames(stack=name, project=texts["project"])
    return StackSettings(**texts, reviewers=tuple(map(str, usernames or [])), names=names)
