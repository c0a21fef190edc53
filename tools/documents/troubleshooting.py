"""What docs/troubleshooting.md is made from: every error that a person or a log can show."""

import re
from typing import Any

from emulators.auth0.assumptions import Assumptions
from emulators.tiktok.authorize import WrongSettingsError
from operations.verify import clerk
from operations.verify.live import LIVE
from operations.verify.preflight import PREFLIGHT
from operations.verify.sign_in import SIGN_IN
from proxy_app.errors import Failure
from tools.documents.sources import ROOT, sentences
from tools.documents.words import WORDS, paired

# The sentences of the checks in operations/verify have a remedy of their own.
_DEPLOYING = {"tiktok-login": ("infra/*.py", "infra/archive/*.py"), "tiktok-login-clerk": ("clerk/*.py",)}
_COMMANDS = (
    "operations/adopt/*.py",
    *(
        f"operations/{name}.py"
        for name in ("stack", "auth0_api", "auth0_credentials", "google_api", "google_credentials", "verify/__main__")
    ),
)
_PROXY = ("proxy_app/settings.py", "proxy_app/__main__.py")
_REHEARSAL = ("pulumi_cli", "plugins", "preview", "emulated_vendors", "application/live")
_THROWN = re.compile(r"new Error\((?:\"([^\"]+)\"|`([^`]+)`)\)")


def facts() -> dict[str, Any]:
    """Return what the template asks for."""
    told = {
        # Settings are named with the project's name before them.
        "deploying": [
            re.sub(r"^…:?(?=\w)", f"{project}:", sentence)
            for project, files in _DEPLOYING.items()
            for sentence in sentences(*files)
        ],
        "commands": sentences(*_COMMANDS),
        "starting": sentences(*_PROXY),
        "rehearsal": sentences(*(f"rehearsal/{name}.py" for name in _REHEARSAL)),
        "profile": _thrown("infra/fetch_user_profile.js"),
    }
    bare = [sentence for family in told.values() for sentence in family if not _says_what_to_do(sentence)]
    return {
        **told,
        "remedies": paired(bare, WORDS["remedies"]),
        "errors": Failure,
        "checks": {
            "of a live stack": (*LIVE, *SIGN_IN),
            "before the first deployment (`ARGS=--preflight`)": PREFLIGHT,
            "of a live stack on Clerk": clerk.LIVE,
            "before the first deployment to Clerk": clerk.PREFLIGHT,
        },
        "auth0": Assumptions(),
        "items": sorted(WrongSettingsError.ITEMS),
    }


def _says_what_to_do(sentence: str) -> bool:
    return bool(
        re.search(
            r"\b(must|takes?(?! longer)|set|install|choose|deploy|remove)\b|pulumi up|pulumi config",
            sentence,
            re.IGNORECASE,
        )
    )


def _thrown(path: str) -> list[str]:
    """Return every sentence that a script throws; what is filled in is ``…``."""
    found = _THROWN.findall((ROOT / path).read_text(encoding="utf-8"))
    return [re.sub(r"\$\{[^}]*\}", "…", plain or filled) for plain, filled in found]
