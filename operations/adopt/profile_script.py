"""Which id, and which fields of a profile, a connection's own profile script returns."""

import json
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_RUNNER = Path(__file__).with_name("run_profile_script.js")
_SECONDS = 20
# Node lets a script read this one file. Older versions have the option by its first name, and the oldest have none.
_PERMISSIONS = ("--permission", "--experimental-permission")
IDS = ("union_id", "open_id")
# An answer of TikTok for all scopes: https://developers.tiktok.com/doc/tiktok-api-v2-get-user-info
_USER = {
    "open_id": "recorded-open-id",
    "union_id": "recorded-union-id",
    "avatar_url": "https://p16-sign.tiktokcdn-us.com/avatar.jpeg",
    "avatar_url_100": "https://p16-sign.tiktokcdn-us.com/avatar_100.jpeg",
    "avatar_large_url": "https://p16-sign.tiktokcdn-us.com/avatar_large.jpeg",
    "display_name": "Recorded Person",
    "bio_description": "A recorded biography",
    "profile_deep_link": "https://vm.tiktok.com/recorded",
    "is_verified": False,
    "username": "recorded.person",
    "follower_count": 1,
    "following_count": 2,
    "likes_count": 3,
    "video_count": 4,
}
_RECORDED = {
    "user": _USER,
    "accessToken": "act.recorded",
    "context": {
        "access_token": "act.recorded",
        "open_id": _USER["open_id"],
        "scope": "user.info.basic,user.info.profile,user.info.stats",
        "token_type": "Bearer",
        "expires_in": 86400,
    },
}


@dataclass(frozen=True, kw_only=True)
class ReturnedProfile:
    """What a script returns; ``user_id`` is one of ``IDS``, "neither", or "" if that cannot be found out."""

    user_id: str
    fields: frozenset[str]
    evidence: str


def returned_profile(script: str) -> ReturnedProfile:
    """Run the script if Node is on PATH, or else read it."""
    if not script:
        return ReturnedProfile(user_id="", fields=frozenset(), evidence="the connection has none")
    outcome = _run(script)
    profile: dict[str, Any] = outcome.get("profile") or {}
    if profile.get("user_id"):
        known = {_USER[name]: name for name in IDS}
        return ReturnedProfile(
            user_id=known.get(str(profile["user_id"]), "neither"),
            fields=frozenset(name for name, value in profile.items() if value is not None),
            evidence="it was run on a recorded answer of TikTok",
        )
    reason = f"it cannot be run: {outcome['error']}" if outcome.get("error") else "Node is not on PATH"
    return _read(script, reason)


def _run(script: str) -> dict[str, Any]:
    """Return how the script calls back, {"error": ...}, or nothing if there is no Node that confines it."""
    node = shutil.which("node")
    for permission in _PERMISSIONS if node else ():
        command = [node or "", permission, f"--allow-fs-read={_RUNNER}", "--no-warnings", str(_RUNNER)]
        question = json.dumps({"script": script, **_RECORDED})
        try:
            done = subprocess.run(  # noqa: S603  # Node, with fixed arguments
                command, input=question, capture_output=True, text=True, timeout=_SECONDS, check=False, env={}, cwd="/"
            )
        except subprocess.TimeoutExpired:
            return {"error": f"It takes longer than {_SECONDS} s."}
        if done.returncode == 0:
            return json.loads(done.stdout)
    return {}


def _read(script: str, reason: str) -> ReturnedProfile:
    """Find the id in the text: the one that stands where ``user_id`` is set."""
    code = re.sub(r"/\*.*?\*/|(?<![:'\"])//[^\n]*", "", script, flags=re.DOTALL)
    values = re.findall(r"\buser_id['\"]?\s*[:=]([^,;}\n]+)", code)
    named = {name for name in IDS for value in values if re.search(rf"\b{name}\b", value)}
    return ReturnedProfile(
        user_id=named.pop() if len(named) == 1 else "",
        fields=frozenset(re.findall(r"(?:^|[{,])\s*['\"]?(\w+)['\"]?\s*:", code, flags=re.MULTILINE)) & _PROFILE_FIELDS,
        evidence=f"it was read, since {reason}",
    )


# https://auth0.com/docs/manage-users/user-accounts/user-profiles/normalized-user-profiles
_PROFILE_FIELDS = frozenset(
    {
        "user_id",
        "name",
        "nickname",
        "picture",
        "given_name",
        "family_name",
        "email",
        "email_verified",
        "username",
        "phone_number",
        "app_metadata",
        "user_metadata",
    }
)
