"""What docs/reference.md is made from: settings, outputs, and the proxy's environment."""

from dataclasses import MISSING, fields
from typing import Any

import yaml

from proxy_app.settings import Settings
from tools.documents.sources import ROOT, named_in_calls
from tools.documents.words import WORDS, paired


def facts() -> dict[str, Any]:
    """Return what the template asks for."""
    project = yaml.safe_load((ROOT / "Pulumi.yaml").read_text(encoding="utf-8"))
    asked = project["template"]["config"]
    return {
        "settings": _settings(project),
        "clerk_settings": _settings(yaml.safe_load((ROOT / "clerk" / "Pulumi.yaml").read_text(encoding="utf-8"))),
        "secrets": {
            *named_in_calls("infra/**/*.py", "secret", "_secret"),
            *named_in_calls("clerk/settings.py", "_secret"),
            *(key for key, about in asked.items() if about.get("secret")),
        },
        "providers": {key: about for key, about in asked.items() if ":" in key},
        "outputs": paired(named_in_calls("infra/program.py", "export"), WORDS["outputs"]),
        "clerk_outputs": paired(named_in_calls("clerk/program.py", "export"), WORDS["clerk_outputs"]),
        "variables": paired(named_in_calls("proxy_app/settings.py", "get"), WORDS["variables"]),
        "defaults": _defaults(),
    }


def _settings(project: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"key": key, **setting} for key, setting in project["config"].items()]


def _defaults() -> dict[str, object]:
    """Return the proxy's defaults, by variable; the variables are the fields' names, some with TIKTOK_ before them."""
    known = {field.name.upper(): field.default for field in fields(Settings) if field.default is not MISSING}
    return {name: known.get(name.removeprefix("TIKTOK_"), "") for name in WORDS["variables"]}
