"""Users, which a sign-in creates and updates."""

import hashlib
from typing import Any
from urllib.parse import quote

from emulators.auth0.login.state import Profile
from emulators.auth0.state import Record, Tenant

_OWN = {"user_id", "identities", "created_at", "updated_at", "last_login", "logins_count"}
_NAMES_WITH_INITIALS = 2
ROOT_ATTRIBUTES = ("name", "nickname", "given_name", "family_name", "picture")


def save_user(tenant: Tenant, connection: Record, profile: Profile, tokens: dict[str, Any]) -> Record:
    """Create or update the user ``oauth2|<connection>|<user_id>``, and return it.

    ``set_user_root_attributes`` decides which attributes are updated; the identity keeps the provider's token.
    """
    own_id = f"{connection['name']}|{profile['user_id']}"
    user_id = f"{connection['strategy']}|{own_id}"
    known = tenant.users.get(user_id)
    user = known or {"user_id": user_id, "created_at": tenant.timestamp(), "logins_count": 0}
    user.update(_attributes(connection, profile, first=known is None))
    if tenant.assumptions.generates_profile_without_email or user.get("email"):
        user.update(_generated(user, own_id=str(profile["user_id"])))
    user["identities"] = [_identity(connection, own_id, tokens)]
    user["logins_count"] += 1
    user["last_login"] = user["updated_at"] = tenant.timestamp()
    tenant.users[user_id] = user
    return user


def _attributes(connection: Record, profile: Profile, *, first: bool) -> Record:
    options = connection["options"]
    dropped = {*_OWN, *(options.get("non_persistent_attrs") or ())}
    given = {name: value for name, value in profile.items() if name not in dropped and value is not None}
    when = options.get("set_user_root_attributes", "on_each_login")
    if when == "on_each_login" or (first and when == "on_first_login"):
        return given
    return {name: value for name, value in given.items() if first or name not in ROOT_ATTRIBUTES}


def _generated(user: Record, own_id: str) -> Record:
    """Return the attributes that every user has, if the profile does not give them.

    https://auth0.com/docs/manage-users/user-accounts/user-profiles/normalized-user-profiles
    """
    email = str(user.get("email") or own_id)
    nickname = str(user.get("nickname") or email.partition("@")[0])
    names = str(user.get("name") or email).split()
    letters = (names[0][0] + names[1][0] if len(names) == _NAMES_WITH_INITIALS else nickname[:2]).lower()
    default = quote(f"https://cdn.auth0.com/avatars/{quote(letters)}.png", safe="")
    digest = hashlib.md5(email.strip().lower().encode(), usedforsecurity=False).hexdigest()
    picture = f"https://s.gravatar.com/avatar/{digest}?s=480&r=pg&d={default}"
    generated = {"name": email, "nickname": nickname, "picture": picture}
    return {name: value for name, value in generated.items() if not user.get(name)}


def _identity(connection: Record, own_id: str, tokens: dict[str, Any]) -> Record:
    identity = {
        "provider": connection["strategy"],
        "user_id": own_id,
        "connection": connection["name"],
        "isSocial": True,
    }
    return {**identity, "access_token": tokens["access_token"]}


def claims(user: Record, scope: str) -> dict[str, Any]:
    """Return the claims of a user that ``scope`` covers (OpenID Connect Core 1.0, section 5.4)."""
    scopes = scope.split()
    profile = (*ROOT_ATTRIBUTES, "updated_at") if "profile" in scopes else ()
    email = ("email", "email_verified") if "email" in scopes else ()
    return {"sub": user["user_id"], **{name: user[name] for name in (*profile, *email) if name in user}}
