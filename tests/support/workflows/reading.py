"""The workflows as plain data."""

from pathlib import Path
from typing import Any, cast

import yaml

FOLDER = Path(__file__).parents[3] / ".github" / "workflows"
_SET_UP = FOLDER.parent / "actions" / "set-up" / "action.yml"
Workflow = dict[Any, Any]
WORKFLOWS: dict[str, Workflow] = {
    path.stem: cast("Workflow", yaml.safe_load(path.read_text())) for path in sorted(FOLDER.glob("*.yml"))
}


def jobs() -> list[tuple[str, Workflow]]:
    """Return every job, with the workflow's name."""
    return [(name, job) for name, workflow in WORKFLOWS.items() for job in workflow["jobs"].values()]


def steps() -> list[Workflow]:
    """Return every step of every workflow, and those of the action that they share."""
    shared = cast("Workflow", yaml.safe_load(_SET_UP.read_text()))["runs"]["steps"]
    return [*shared, *(step for _, job in jobs() for step in job["steps"])]


def script(workflow: str, job: str, step: str) -> str:
    """Return the shell script of a named step."""
    [found] = [each["run"] for each in WORKFLOWS[workflow]["jobs"][job]["steps"] if each.get("name") == step]
    return found
