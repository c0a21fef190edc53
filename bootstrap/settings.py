"""The settings of the bootstrap project, read and checked in one place."""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self, cast

from infra.config_reader import Reader, Rule, SettingsError

_PROJECT_FILE = Path(__file__).with_name("Pulumi.yaml")
_REPOSITORY = Rule("OWNER/NAME", r"[\w.-]+/[\w.-]+")
_ADMINISTRATOR = Rule("an e-mail address", r"[^@\s]+@[^@\s]+")
_STACKS = Rule("an object with one entry for each stack", r"\{(?s:.+)\}")
_DEFAULT_REGION = "europe-west1"
_KEYS = {"project", "tenant", "region", "reviewers"}
# Patterns: https://docs.cloud.google.com/resource-manager/docs/creating-managing-projects and
# https://docs.github.com/en/enterprise-cloud@latest/admin/concepts/identity-and-access-management/user-names
_PATTERNS = {
    "project": (r"[a-z][a-z0-9-]{4,28}[a-z0-9]", "a Google Cloud project's id"),
    "tenant": (r"[A-Za-z0-9.-]+\.[A-Za-z]+", "the tenant's domain without https://, for example example.eu.auth0.com"),
    "region": (r"[a-z]+-[a-z]+\d+", "a region, for example europe-west1"),
}


@dataclass(frozen=True, kw_only=True)
class StackSettings:
    """One stack of the main program, and where it is deployed to."""

    name: str
    project: str
    tenant: str
    region: str
    reviewers: tuple[str, ...]

    @property
    def deploying_environment(self) -> str:
        """The GitHub environment of the ``deploy`` workflow."""
        return self.name

    @property
    def preview_environment(self) -> str:
        """The GitHub environment of the ``preview`` workflow; a stack without reviewers uses it for ``drift``, too."""
        return f"preview-{self.name}"

    @property
    def reading_environments(self) -> tuple[str, ...]:
        """Every environment that only reads.

        Reviewers approve each preview, because it runs a branch's code. The nightly ``drift`` runs code of main only,
        and would wait for an approval each night: so a reviewed stack has an environment of its own for it.
        """
        return (self.preview_environment, f"drift-{self.name}") if self.reviewers else (self.preview_environment,)


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Everything that the bootstrap needs to know."""

    owner: str
    repository: str
    stacks: tuple[StackSettings, ...]
    administrator: str
    auth0_cli_login: bool

    @classmethod
    def from_config(cls) -> Self:
        """Read the stack's configuration, or raise ``SettingsError`` with a sentence for each problem."""
        reader = Reader(_PROJECT_FILE)
        repository = reader.text("repository", _REPOSITORY)
        settings = cls(
            owner=repository.partition("/")[0],
            repository=repository.partition("/")[2],
            stacks=_read_stacks(reader),
            administrator=reader.text("administrator", _ADMINISTRATOR, required=False),
            auth0_cli_login=reader.boolean("auth0CliLogin"),
        )
        if reader.problems:
            raise SettingsError("\n".join(reader.problems))
        return settings


def _read_stacks(reader: Reader) -> tuple[StackSettings, ...]:
    text = reader.text("stacks", _STACKS)
    try:
        stacks = json.loads(text or "{}")
    except ValueError:
        return ()
    return tuple(_read_stack(reader, name, settings) for name, settings in stacks.items())


def _read_stack(reader: Reader, name: str, settings: object) -> StackSettings:
    key = f"{reader.project}:stacks.{name}"
    if not re.fullmatch(r"[a-z][a-z0-9-]{1,11}", name):
        reader.problems.append(f"{key}: a stack's name takes 2 to 12 lower-case letters, digits and hyphens.")
    given: dict[str, Any] = cast("dict[str, Any]", settings) if isinstance(settings, dict) else {}
    if unknown := sorted(set(given) - _KEYS):
        reader.problems.append(f"{key} has {', '.join(unknown)}: it takes {', '.join(sorted(_KEYS))}.")
    values = {"region": _DEFAULT_REGION, **given}
    for part, (pattern, takes) in _PATTERNS.items():
        value = str(values.get(part, ""))
        if not re.fullmatch(pattern, value):
            reader.problems.append(f"{key}.{part} is {repr(value) if value else 'missing'}: it takes {takes}.")
    reviewers = values.get("reviewers", [])
    if not isinstance(reviewers, list) or len(cast("list[str]", reviewers)) > 6:  # noqa: PLR2004  # GitHub's limit
        reader.problems.append(f"{key}.reviewers takes a list of at most 6 GitHub user names.")
        reviewers = []
    return StackSettings(
        name=name,
        project=str(values.get("project", "")),
        tenant=str(values.get("tenant", "")),
        region=str(values["region"]),
        reviewers=tuple(map(str, cast("list[str]", reviewers))),
    )
