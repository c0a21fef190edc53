"""What an instance's configuration can contain, and how the two APIs show it."""

from typing import Any, cast

from emulators.clerk.errors import ApiError
from emulators.clerk.state import Config, Instance

TIKTOK = "connection_oauth_tiktok"
SECRET = "client_secret"  # noqa: S105  # a member's name
REDACTED = "[REDACTED]"
_CONNECTION: dict[str, type[object]] = {"enabled": bool, "authenticatable": bool, "client_id": str, SECRET: str}
# An assumption: Clerk documents no default of ``authenticatable``.
_DEFAULTS: dict[str, object] = {"enabled": False, "authenticatable": True}
_KEYS: dict[str, dict[str, type[object]]] = {
    "connection_oauth_google": _CONNECTION,
    TIKTOK: _CONNECTION,
    "session": {"lifetime": int},
}


def shown_config(config: Config, keys: list[str]) -> Config:
    """Return the ``keys`` (without any, all) with secrets redacted, or raise ``ApiError`` for an unknown one."""
    for key in keys:
        _check_key(key)
    defaults = {key: _DEFAULTS if members is _CONNECTION else {} for key, members in _KEYS.items()}
    return {key: _redact({**defaults[key], **config.get(key, {})}) for key in keys or _KEYS}


def _redact(members: dict[str, Any]) -> dict[str, Any]:
    return {name: REDACTED if name == SECRET and value else value for name, value in members.items()}


def _check_key(key: str) -> None:
    if key not in _KEYS:
        raise ApiError("form_param_invalid", f"{key} is not a known config key")


def parse_changes(body: object) -> Config:
    """Return the changes of a PATCH, or raise ``ApiError`` for unknown keys, members and types."""
    if not isinstance(body, dict):
        raise ApiError("request_body_invalid", "The body must be a JSON object")
    asked = cast("dict[str, Any]", body)
    for key, members in asked.items():
        _check_members(key, members)
    return asked


def _check_members(key: str, members: Any) -> None:  # noqa: ANN401  # JSON of any form
    _check_key(key)
    if not isinstance(members, dict):
        raise ApiError("form_param_invalid", f"{key} must be an object")
    for name, value in cast("dict[str, Any]", members).items():
        wanted = _KEYS[key].get(name)
        if wanted is None:
            raise ApiError("form_param_invalid", f"{key}.{name} is not a known config key")
        if type(value) is not wanted:
            raise ApiError("form_param_invalid", f"{key}.{name} must be of type {wanted.__name__}")


def changed_config(instance: Instance, asked: Config) -> Config:
    """Return the configuration after ``asked``, or raise ``ApiError`` if a provider would lack credentials.

    In production each provider needs its own; TikTok also does in development
    (https://clerk.com/docs/guides/configure/auth-strategies/social-connections/tiktok).
    """
    after = {key: {**instance.config.get(key, {}), **members} for key, members in asked.items()}
    for key, members in after.items():
        own = key == TIKTOK or instance.environment == "production"
        if own and members.get("enabled") and not (members.get("client_id") and members.get(SECRET)):
            message = f"{key} needs client_id and client_secret in {instance.environment}"
            raise ApiError("form_param_invalid", message)
    return {**instance.config, **after}


def environment(instance: Instance) -> dict[str, object]:
    """Return what ``getEnvironment`` of the Frontend API shows of the instance and its social connections.

    https://github.com/clerk/openapi-specs/blob/main/fapi/2026-05-12.yml
    """
    connections = {key: members for key, members in shown_config(instance.config, []).items() if key != "session"}
    social = {key.removeprefix("connection_"): members for key, members in connections.items()}
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
