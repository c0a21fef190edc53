"""The facts of docs/troubleshooting.md: every error that a person or a log can show."""

import re
from itertools import chain
from typing import Any

from emulators.auth0.assumptions import Assumptions
from emulators.tiktok.authorize import WrongSettingsError
from operations.verify import clerk
from operations.verify.bootstrapped import BOOTSTRAP
from operations.verify.live import LIVE
from operations.verify.preflight import PREFLIGHT
from operations.verify.sign_in import SIGN_IN
from proxy_app.errors import Failure
from tools.documents.sources import ROOT, read_refusals
from tools.documents.words import WORDS, pair_words

# The checks in operations/verify carry their own remedies.
_DEPLOYING = {"tiktok-login": ("infra/*.py", "infra/archive/*.py"), "tiktok-login-clerk": ("clerk/*.py",)}
_COMMANDS = (
    "operations/adopt/*.py",
    *(
        f"operations/{name}.py"
        for name in ("stack", "auth0_api", "auth0_credentials", "google_api", "google_credentials", "verify/__main__")
    ),
)
_PROXY = ("proxy_app/settings.py", "proxy_app/startup.py")
_REHEARSAL = ("pulumi_cli", "plugins", "preview", "emulated_vendors", "application/live")
_THROWN = re.compile(r"new Error\((?:\"([^\"]+)\"|`([^`]+)`)\)")


def facts() -> dict[str, Any]:
    """Return the template's variables."""
    families = {
        "starting": read_refusals(*_PROXY),
        "profile": _thrown("infra/fetch_user_profile.js"),
        # The code adds the project's name to the names of settings.
        "deploying": [
            re.sub(r"^…:?(?=\w)", f"{project}:", sentence)
            for project, files in _DEPLOYING.items()
            for sentence in read_refusals(*files)
        ],
        "commands": read_refusals(*_COMMANDS),
        "rehearsal": read_refusals(*(f"rehearsal/{name}.py" for name in _REHEARSAL)),
    }
    return {
        **families,
        "remedies": pair_words(chain.from_iterable(families.values()), WORDS["remedies"]),
        "errors": Failure,
        "checks": {
            "of a live stack": (*LIVE, *SIGN_IN),
            "before the first deployment (`ARGS=--preflight`)": PREFLIGHT,
            "of what bootstrap/ has set up (`ARGS=--preflight`)": BOOTSTRAP,
            "of a live stack on Clerk": clerk.LIVE,
            "before the first deployment to Clerk": clerk.PREFLIGHT,
        },
        "auth0": Assumptions(),
        "items": sorted(WrongSettingsError.ITEMS),
    }


def _thrown(path: str) -> list[str]:
    """Return every sentence that a script throws; ``…`` is a variable part."""
    found = _THROWN.findall((ROOT / path).read_text(encoding="utf-8"))
    return [re.sub(r"\$\{[^}]*\}", "…", plain or filled) for plain, filled in found]
