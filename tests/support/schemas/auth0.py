"""Check the Management API of the emulated Auth0 against the models that auth0-python publishes."""

import json
import re
from collections.abc import Iterator, Sequence
from typing import Annotated, Any, NamedTuple, Union

from auth0.management import types
from pydantic import BaseModel, Discriminator, Tag, TypeAdapter, ValidationError

from emulators.kit.recording import Exchange

_NOT_IMPLEMENTED = 501


class Call(NamedTuple):
    """A call of the Management API: its path as a pattern, and the models of request and answer."""

    method: str
    path: str
    request: Any
    answer: Any


def _by_strategy(**models: Any) -> Any:  # noqa: ANN401  # types, which the type checker does not follow
    """Return the union of ``models`` that a connection's strategy selects, oauth2 where none is selected."""
    tagged = tuple(Annotated[model, Tag(strategy)] for strategy, model in models.items())
    return Annotated[Union[tagged], Discriminator(lambda value: value.get("strategy", "oauth2"))]  # noqa: UP007  # made at run time


_CONNECTION = _by_strategy(oauth2=types.ConnectionResponseContentOAuth2, auth0=types.ConnectionResponseContentAuth0)
_NEW_CONNECTION = _by_strategy(
    oauth2=types.CreateConnectionRequestContentOAuth2, auth0=types.CreateConnectionRequestContentAuth0
)
_CHANGES = types.UpdateConnectionRequestContentOAuth2 | types.UpdateConnectionRequestContentAuth0
_CALLS = [
    Call("POST", r"/connections", _NEW_CONNECTION, _CONNECTION),
    Call("GET", r"/connections", None, types.ListConnectionsCheckpointPaginatedResponseContent | list[_CONNECTION]),
    Call("GET", r"/connections/[^/]+", None, _CONNECTION),
    Call("PATCH", r"/connections/[^/]+", _CHANGES, _CONNECTION),
    Call("DELETE", r"/connections/[^/]+", None, dict[str, str]),
    Call("GET", r"/connections/[^/]+/clients", None, types.GetConnectionEnabledClientsResponseContent),
    Call("PATCH", r"/connections/[^/]+/clients", types.UpdateEnabledClientConnectionsRequestContent, None),
    Call("POST", r"/clients", None, types.CreateClientResponseContent),
    Call("GET", r"/clients", None, types.ListClientsOffsetPaginatedResponseContent | list[types.Client]),
    Call("GET", r"/clients/[^/]+", None, types.GetClientResponseContent),
    Call("PATCH", r"/clients/[^/]+", None, types.UpdateClientResponseContent),
    Call("DELETE", r"/clients/[^/]+", None, None),
    Call(
        "GET",
        r"/client-grants",
        None,
        types.ListClientGrantPaginatedResponseContent | list[types.ClientGrantResponseContent],
    ),
    Call("GET", r"/tenants/settings", None, types.GetTenantSettingsResponseContent),
    Call("PATCH", r"/tenants/settings", None, types.UpdateTenantSettingsResponseContent),
    Call("GET", r"/custom-domains", None, list[types.CustomDomain]),
    Call("GET", r"/users", None, types.ListUsersOffsetPaginatedResponseContent | list[types.UserResponseSchema]),
    Call("GET", r"/users/[^/]+", None, types.GetUserResponseContent),
    Call("GET", r"/logs", None, types.ListLogOffsetPaginatedResponseContent | list[types.Log]),
    Call("GET", r"/logs/[^/]+", None, types.GetLogResponseContent),
]
"""None where auth0-python publishes no model: of clients' and settings' requests it has keyword arguments only."""

EXCEPTIONS = {
    r".* answer: .*display_name: Field required": "recorded: one that was never set is absent",
    r"GET .* answer: length is unknown": "recorded beside the totals",
    r"GET /api/v2/logs.* answer: _id is unknown": "shown in the API's own documentation",
    r".* answer: (\S+ )*pkce_enabled is unknown": "a documented option of oauth2 connections that the models lack",
    r".* request: (\S+ )*pkce_enabled is unknown": "the same",
    r".* answer: (\S+ )*(tenant|token_endpoint_auth_method|cert) is unknown": "recorded, but not in the models",
    r".* answer: (\S+ )*enabled_clients is unknown": "deprecated, but still recorded",
}
"""Violations that are none, as patterns, each with the reason."""


def _call(exchange: Exchange) -> Call | None:
    path = exchange.path.removeprefix("/api/v2")
    return next((each for each in _CALLS if each.method == exchange.method and re.fullmatch(each.path, path)), None)


def _unknown(value: object, at: str = "") -> Iterator[str]:
    """Say which fields of a validated value its models do not have."""
    match value:
        case BaseModel():
            yield from (f"{at}{name} is unknown" for name in value.model_extra or {})
            for name, each in value:
                if name not in (value.model_extra or {}):
                    yield from _unknown(each, f"{at}{name} ")
        case list():
            for each in value:  # pyright: ignore[reportUnknownVariableType]  # JSON
                yield from _unknown(each, at)  # pyright: ignore[reportUnknownArgumentType]  # JSON
        case _:
            return


def _body(side: str, model: Any, body: bytes) -> Iterator[str]:  # noqa: ANN401  # any model
    if model is None or not body.strip():
        return
    adapter: TypeAdapter[object] = TypeAdapter(model)
    try:
        yield from (f"{side}: {problem}" for problem in _unknown(adapter.validate_json(body)))
    except ValidationError as invalid:
        yield from (f"{side}: {'.'.join(map(str, error['loc']))}: {error['msg']}" for error in invalid.errors())


def _refusal(exchange: Exchange) -> Iterator[str]:
    error = json.loads(exchange.response_body)
    if error.keys() != {"statusCode", "error", "message", "errorCode"} or error["statusCode"] != exchange.status:
        yield f"answer: status {exchange.status} with {error}"


def _violations(exchange: Exchange) -> Iterator[str]:
    call = _call(exchange)
    if call is None:
        yield "unknown"
    elif exchange.status >= 400:  # where HTTP's errors begin
        yield from _refusal(exchange)
    else:
        yield from _body("request", call.request, exchange.request_body)
        yield from _body("answer", call.answer, exchange.response_body)


def violations(exchanges: Sequence[Exchange]) -> list[str]:
    """Return what contradicts the published models, a line each; nothing where all is well.

    Only the Management API is looked at, and of it what the emulator does not refuse with 501.
    """
    looked_at = [each for each in exchanges if each.path.startswith("/api/v2") and each.status != _NOT_IMPLEMENTED]
    found = {f"{each.method} {each.path} {problem}" for each in looked_at for problem in _violations(each)}
    return sorted(line for line in found if not any(re.match(pattern, line) for pattern in EXCEPTIONS))
