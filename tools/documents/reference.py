"""The facts of docs/reference.md: settings, outputs, permissions, and the proxy's environment."""

from dataclasses import MISSING, fields
from typing import Any, Literal, get_args, get_origin

import yaml

from emulators.tiktok.controls import VERBS, body_of
from infra import permissions
from proxy_app.settings import Settings
from tools.documents.sources import ROOT, literals_in_calls
from tools.documents.words import WORDS, pair_words


def facts() -> dict[str, Any]:
    """Return the template's variables."""
    project = yaml.safe_load((ROOT / "Pulumi.yaml").read_text(encoding="utf-8"))
    asked = project["template"]["config"]
    return {
        "settings": _settings(project),
        "clerk_settings": _settings(yaml.safe_load((ROOT / "clerk" / "Pulumi.yaml").read_text(encoding="utf-8"))),
        "secrets": {
            *literals_in_calls("infra/**/*.py", "secret", "_secret"),
            *literals_in_calls("clerk/settings.py", "_secret"),
            *(key for key, about in asked.items() if about.get("secret")),
        },
        "providers": {key: about for key, about in asked.items() if ":" in key},
        "outputs": pair_words(literals_in_calls("infra/program.py", "export"), WORDS["outputs"]),
        "clerk_outputs": pair_words(literals_in_calls("clerk/program.py", "export"), WORDS["clerk_outputs"]),
        "controls": {verb: _body(verb) for verb in VERBS},
        "control_meanings": pair_words(list(VERBS), WORDS["controls"]),
        "variables": pair_words(literals_in_calls("proxy_app/settings.py", "get"), WORDS["variables"]),
        "defaults": _defaults(),
        "deployer": permissions.DEPLOYER,
        "reader": permissions.READER,
        "alert_roles": {*permissions.DEPLOYER_ALERT_ROLES, *permissions.READER_ALERT_ROLES},
        "account_role": permissions.ACCOUNT_ROLE,
        "conditions": permissions.CONDITION,
        "apis": permissions.APIS,
    }


def _body(verb: str) -> list[str]:
    """Return the members of a control's body, with their types; a required one is bold."""
    members = body_of(verb).items()
    return [f"**`{name}`** {_type(kind)}" if needed else f"`{name}` {_type(kind)}" for name, (kind, needed) in members]


def _type(annotation: Any) -> str:  # noqa: ANN401  # any annotation
    if get_origin(annotation) is Literal:
        return " or ".join(map(str, get_args(annotation)))
    if get_origin(annotation) is list:
        return "list of texts"
    if get_args(annotation):
        return _type(get_args(annotation)[0])
    return {str: "text", int: "integer", float: "number", bool: "boolean"}[annotation]


def _settings(project: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"key": key, **setting} for key, setting in project["config"].items()]


def _defaults() -> dict[str, object]:
    """Return the proxy's defaults, by variable; the variables are the fields' names, some with TIKTOK_ before them."""
    known = {field.name.upper(): field.default for field in fields(Settings) if field.default is not MISSING}
    return {name: known.get(name.removeprefix("TIKTOK_"), "") for name in WORDS["variables"]}
