"""The check against auth0-python's models finds what is wrong, and passes what is right."""

import json

import pytest

from emulators.kit.recording import Exchange
from tests.support.auth0.replay import recorded_exchanges
from tests.support.schemas.auth0 import violations

CONNECTION = {"id": "con_0123456789abcdef", "name": "tiktok", "strategy": "oauth2", "display_name": "TikTok"}


def exchanged(method: str, path: str, sent: object, answered: object, status: int = 200) -> list[Exchange]:
    """Return an exchange as an emulator would have kept it."""
    bodies = [b"" if body is None else json.dumps(body).encode() for body in (sent, answered)]
    exchange = Exchange(method=method, path=f"/api/v2{path}", query=[], request_headers={}, status=status)
    exchange.request_body, exchange.response_body = bodies
    return [exchange]


@pytest.mark.parametrize(
    ("call", "sent", "answered", "status", "found"),
    [
        ("POST /connections", {"strategy": "oauth2"}, CONNECTION, 201, "request: oauth2.name: Field required"),
        ("POST /connections", {**CONNECTION, "options": []}, CONNECTION, 201, "request: oauth2.options"),
        ("GET /connections/con_1", None, {**CONNECTION, "colour": "red"}, 200, "answer: colour is unknown"),
        ("GET /clients/app", None, {"callbacks": "http://localhost"}, 200, "answer: callbacks"),
        ("GET /clients/app", None, {"error": "no"}, 404, "answer: status 404"),
        ("GET /actions", None, {}, 200, "unknown"),
    ],
)
def test_what_the_models_forbid_is_found(call: str, sent: object, answered: object, status: int, found: str) -> None:
    method, _, path = call.partition(" ")

    assert any(found in line for line in violations(exchanged(method, path, sent, answered, status)))


def test_what_the_released_plugin_sent_contradicts_no_model() -> None:
    """The recorded answers are another emulator's, so they prove nothing."""
    exchanges = [
        each
        for scenario in ("02-up", "08-secret-change-up", "16-destroy", "32b-connection-deleted-oob-up-refresh")
        for line in recorded_exchanges(scenario)
        if line["path"].startswith("/api/v2")
        for each in exchanged(
            line["method"], line["path"][7:], line["request_body"], line["response_body"], line["status"]
        )
    ]

    assert exchanges
    assert [line for line in violations(exchanges) if " answer: " not in line] == []
