"""Users, to be looked at: https://auth0.com/docs/api/management/v2/users."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from emulators.auth0.errors import NoSuchUser
from emulators.auth0.management.authorization import needs
from emulators.auth0.management.paging import allow_query, by_offset, chosen
from emulators.auth0.state import Record, State

_IDP_TOKENS = frozenset({"access_token"})


def shown(user: Record, held: frozenset[str]) -> Record:
    """Return what a caller sees: the identity provider's tokens only with read:user_idp_tokens."""
    hidden = frozenset[str]() if "read:user_idp_tokens" in held else _IDP_TOKENS
    identities = [
        {name: value for name, value in identity.items() if name not in hidden} for identity in user["identities"]
    ]
    return {**user, "identities": identities}


@needs("read:users")
async def list_users(request: Request[State], held: frozenset[str]) -> Response:
    """List users by offset."""
    allow_query(request, "page", "per_page", "include_totals", "fields", "include_fields")
    users = request.state["tenant"].users.values()
    return by_offset(request, "users", [chosen(request, shown(user, held)) for user in users])


@needs("read:users")
async def read_user(request: Request[State], held: frozenset[str]) -> Response:
    """Return one user."""
    allow_query(request, "fields", "include_fields")
    user = request.state["tenant"].users.get(request.path_params["id"])
    if user is None:
        raise NoSuchUser("The user does not exist.")
    return JSONResponse(chosen(request, shown(user, held)))


ROUTES = [
    Route("/users", list_users, methods=["GET"]),
    Route("/users/{id}", read_user, methods=["GET"]),
]
