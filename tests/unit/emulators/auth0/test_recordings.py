"""What the released plugin sent is answered with what it was answered."""

import json
from typing import Any

import pytest

from emulators.auth0 import create_app
from emulators.kit.serving import serving
from tests.support.auth0.replay import Json, Replay, recorded, recorded_tenant, shape
from tests.support.schemas.auth0 import violations

# A first up, and what may follow it, the last of them a destroy.
LIVES = [
    ["01-first-preview", "02-up", "05-refresh", "08-secret-change-up", "35-display-name-up", "16-destroy"],
    ["02-up", "09-rename-up", "09b-rename-back-up"],
    ["02-up", "34-application-added-up", "34-application-removed-up"],
]

ANSWERS_MORE = {
    "custom_login_page_on": "shown by Auth0 for every application; the recorder's emulator left it out",
    "description": "optional; not in every recorded application",
}
"""Fields of applications beyond the recorded ones, each with the reason."""


def compared(then: Json, now: Any) -> tuple[set[str], set[str]]:  # noqa: ANN401  # any JSON value
    """Return the shapes of a recorded answer and of today's."""
    seen = {place for place in shape(now) if not any(f".{name}:" in place for name in ANSWERS_MORE)}
    return shape(then), seen


@pytest.mark.parametrize("scenarios", LIVES, ids=lambda names: names[-1])
def test_recorded_requests_get_answers_of_the_recorded_shape(scenarios: list[str]) -> None:
    tenant = recorded_tenant()
    with serving(create_app(tenant)) as origin:
        replay = Replay(origin)
        for scenario in scenarios:
            for exchange in recorded(scenario):
                answer = replay.send(exchange)
                place = f"{scenario} {exchange['n']} {exchange['method']} {exchange['path']}"
                assert answer.status_code == exchange["status"], f"{place}: {answer.text}"
                then, now = compared(exchange["response_body"], json.loads(answer.content or b"null"))
                assert now == then, place

    assert violations(tenant.exchanges) == []


def test_after_the_recorded_destroy_nothing_is_left() -> None:
    tenant = recorded_tenant()
    with serving(create_app(tenant)) as origin:
        replay = Replay(origin)
        for scenario in ("02-up", "16-destroy"):
            for exchange in recorded(scenario):
                replay.send(exchange)

    assert (tenant.connections, tenant.enabled) == ({}, {})
