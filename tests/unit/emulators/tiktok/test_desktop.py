"""Desktop apps: a code challenge is required, and TikTok's is lower-case hex (login-kit-desktop)."""

import hashlib
from base64 import urlsafe_b64encode

import pytest

from emulators.tiktok import TikTok
from tests.support.tiktok.visitor import DESKTOP_CALLBACK, DESKTOP_KEY, SECRET, Visitor, refusal

VERIFIER = "v" * 43
HEX = hashlib.sha256(VERIFIER.encode()).hexdigest()
BASE64URL = urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")
REFUSED = (200, "invalid_request", "Code verifier or code challenge is invalid.")


def exchanged(visitor: Visitor, challenge: str, verifier: str) -> dict[str, str]:
    """Sign in on a desktop and return the token endpoint's answer."""
    desktop = {"client_key": DESKTOP_KEY, "redirect_uri": DESKTOP_CALLBACK}
    code = visitor.code(**desktop, code_challenge=challenge, code_challenge_method="S256")
    answer: dict[str, str] = visitor.token(**desktop, code=code, code_verifier=verifier).json()
    return answer


def test_a_hex_challenge_is_verified(visitor: Visitor) -> None:
    assert "access_token" in exchanged(visitor, HEX, VERIFIER)


@pytest.mark.parametrize(
    ("challenge", "verifier"), [(HEX, ""), (HEX, "w" * 43), (BASE64URL, VERIFIER), (HEX.upper(), VERIFIER)]
)
def test_any_other_pair_fails_the_exchange(visitor: Visitor, challenge: str, verifier: str) -> None:
    assert exchanged(visitor, challenge, verifier)["error_description"] == REFUSED[2]


@pytest.mark.parametrize("verifier", ["v" * 42, "v" * 129, "v" * 42 + "+"])
def test_a_verifier_has_the_documented_form(visitor: Visitor, verifier: str) -> None:
    challenge = hashlib.sha256(verifier.encode()).hexdigest()

    assert exchanged(visitor, challenge, verifier)["error_description"] == REFUSED[2]


def test_a_web_app_is_held_to_no_challenge(visitor: Visitor) -> None:
    code = visitor.code(code_challenge=BASE64URL, code_challenge_method="S256")

    assert "access_token" in visitor.token(code=code).json()


def test_a_desktop_app_may_leave_its_port_open(tiktok: TikTok, visitor: Visitor) -> None:
    tiktok.register_app(DESKTOP_KEY, SECRET, ["http://127.0.0.1:*/callback"], desktop=True)
    asked = {"client_key": DESKTOP_KEY, "redirect_uri": "http://127.0.0.1:45678/callback"}

    assert visitor.authorize(**asked, code_challenge=HEX, code_challenge_method="S256").status_code == 200


def test_the_refusal_has_status_200_like_all_others(visitor: Visitor) -> None:
    desktop = {"client_key": DESKTOP_KEY, "redirect_uri": DESKTOP_CALLBACK}
    code = visitor.code(**desktop, code_challenge=HEX, code_challenge_method="S256")

    assert refusal(visitor.token(**desktop, code=code)) == REFUSED
