"""What an instance's configuration may be, and how it is shown."""

from typing import Any, cast

from emulators.clerk.errors import MalformedRequest, Unprocessable
from emulators.clerk.state import Config, Instance

TIKTOK = "connection_oauth_tiktok"
SECRET = "client_secret"  # noqa: S105  # a member's name
REDACTED = "[REDACTED]"
_CONNECTION: dict[str, type[object]] = {"enabled": bool, "authenticatable": bool, "client_id": str, SECRET: str}
# That a new connection is one to sign in by is a guess: Clerk documents no default.
_NEW: dict[str, object] = {"enabled": False, "authenticatable": True}
_KEYS: dict[str, dict[str, type[object]]] = {
    "connection_oauth_google": _CONNECTION,
    TIKTOK: _CONNECTION,
    "session": {"lifetime": int},
}


def shown(config: Config, keys: list[str]) -> Config:
    """Return the ``keys`` of an instance (all without any), secrets redacted; a connection never set is off."""
    defaults = {key: _NEW if members is _CONNECTION else {} for key, members in _KEYS.items()}
    return {key: _redacted({**defaults[key], **config.get(key, {})}) for key in keys or defaults if _known(key)}


def _redacted(members: dict[str, Any]) -> dict[str, Any]:
    return {name: REDACTED if name == SECRET and value else value for name, value in members.items()}


def _known(key: str) -> bool:
    if key not in _KEYS:
        raise Unprocessable(f"{key} is not a known config key")
    return True


def changes(body: object) -> Config:
    """Return what a PATCH asks for, or refuse keys, members and types that no instance has."""
    if not isinstance(body, dict):
        raise MalformedRequest("The body must be a JSON object")
    asked = cast("dict[str, Any]", body)
    for key, members in asked.items():
        _check(key, members)
    return asked


def _check(key: str, members: Any) -> None:  # noqa: ANN401  # JSON of any form
    _known(key)
    if not isinstance(members, dict):
        raise Unprocessable(f"{key} must be an object")
    for name, value in cast("dict[str, Any]", members).items():
        wanted = _KEYS[key].get(name)
        if wanted is None:
            raise Unprocessable(f"{key}.{name} is not a known config key")
        if type(value) is not wanted:
            raise Unprocessable(f"{key}.{name} must be of type {wanted.__name__}")


def changed(instance: Instance, asked: Config) -> Config:
    """Return the configuration after ``asked``, or refuse one that could not work.

    In production each provider needs credentials of one's own; for TikTok there are no shared ones in development
    (https://clerk.com/docs/guides/configure/auth-strategies/social-connections/tiktok).
    """
    after = {key: {**instance.config.get(key, {}), **members} for key, members in asked.items()}
    for key, members in after.items():
        own = key == TIKTOK or instance.environment == "production"
        if own and members.get("enabled") and not (members.get("client_id") and members.get(SECRET)):
            raise Unprocessable(f"{key} needs client_id and client_secret in {instance.environment}")
    return {**instance.config, **after}
