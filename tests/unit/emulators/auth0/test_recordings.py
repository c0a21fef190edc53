"""The emulator accepts what the released auth0 plugin sent; the answers in the recordings are another emulator's."""

import pytest

from emulators.auth0 import create_app
from emulators.kit.serving import serving
from tests.support.auth0.replay import Replay, create_recorded_tenant, recorded_exchanges
from tests.support.schemas.auth0 import violations

# A first up and what may follow it.
STORIES = [
    ["01-first-preview", "02-up", "05-refresh", "08-secret-change-up", "35-display-name-up", "16-destroy"],
    ["02-up", "09-rename-up", "09b-rename-back-up"],
    ["02-up", "34-application-added-up", "34-application-removed-up"],
]


@pytest.mark.parametrize("scenarios", STORIES, ids=lambda names: names[-1])
def test_each_recorded_request_is_accepted(scenarios: list[str]) -> None:
    tenant = create_recorded_tenant()
    refused = list[str]()
    with serving(create_app(tenant)) as origin:
        replay = Replay(origin)
        for scenario in scenarios:
            for exchange in recorded_exchanges(scenario):
                answer = replay.send(exchange)
                if not answer.is_success:
                    refused.append(f"{scenario} {exchange['method']} {exchange['path']}: {answer.text}")

    assert refused == []
    assert violations(tenant.received) == []


def test_after_the_recorded_destroy_nothing_is_left() -> None:
    tenant = create_recorded_tenant()
    with serving(create_app(tenant)) as origin:
        replay = Replay(origin)
        for scenario in ("02-up", "16-destroy"):
            for exchange in recorded_exchanges(scenario):
                replay.send(exchange)

    assert (tenant.connections, tenant.enabled) == ({}, {})
