"""What the Frontend API tells anybody of an instance.

https://github.com/clerk/openapi-specs/blob/main/fapi/2026-05-12.yml (``getEnvironment``)
"""

from emulators.clerk.config import shown
from emulators.clerk.state import Instance

_CONNECTION = "connection_"


def environment(instance: Instance) -> dict[str, object]:
    """Return those parts of an environment that say what the instance is, and which social connections it has."""
    connections = {key: members for key, members in shown(instance.config, []).items() if key.startswith(_CONNECTION)}
    social = {key.removeprefix(_CONNECTION): members for key, members in connections.items()}
    return {
        "display_config": {"object": "display_config", "instance_environment_type": instance.environment},
        "user_settings": {"social": {strategy: _social(strategy, members) for strategy, members in social.items()}},
    }


def _social(strategy: str, members: dict[str, object]) -> dict[str, object]:
    return {
        "enabled": members["enabled"],
        "required": False,
        "authenticatable": members["authenticatable"],
        "block_email_subaddresses": False,
        "strategy": strategy,
        "not_selectable": False,
        "deprecated": False,
    }
