"""The emulator accepts what the released gcp plugin sent; the answers in the recordings are another emulator's."""

import httpx2
import pytest

from emulators.google_cloud import DeploymentFault, GoogleCloud
from tests.support.google_cloud.replay import Replay, recorded_exchanges

_STORIES = {
    "from the first up to destroy": [
        "02-up",
        "05-refresh",
        "07-archive-change-up",
        "08-secret-change-up",
        "15-run-update-op-error",
        "15-run-update-op-error-then-up",
        "16-destroy",
    ],
    "a create that fails": ["17-run-create-op-error-up", "17-run-create-op-error-then-up"],
    "a create that leaves nothing, then public access and an API disabled outside": [
        "17b-run-create-op-error-nothing-left-up",
        "17b-run-create-op-error-nothing-left-then-up",
        "17b-run-create-op-error-nothing-left-then-up-refresh",
        "33-public-all-users-up",
        "33-public-all-users-refresh",
        "33-public-back-up",
        "38-run-api-disabled-oob-refresh",
        "38-run-api-disabled-oob-then-up",
        "37-drift-new-fields-up-refresh",
    ],
}


def _prepare(cloud: GoogleCloud, scenario: str) -> None:
    if scenario in {"15-run-update-op-error", "17-run-create-op-error-up"}:
        cloud.queue_fault(DeploymentFault(message="Revision 'tiktok-proxy-00001-abc' is not ready."))
    if scenario == "17b-run-create-op-error-nothing-left-up":
        cloud.queue_fault(
            DeploymentFault(message="Revision 'tiktok-proxy-00001-abc' is not ready.", leaves_service=False)
        )
    if scenario == "38-run-api-disabled-oob-refresh":
        cloud.enabled.remove("run.googleapis.com")


@pytest.mark.parametrize("story", _STORIES)
def test_each_recorded_request_is_accepted(cloud: GoogleCloud, http: httpx2.Client, story: str) -> None:
    cloud.assumptions.activation_seconds = 0
    replay, refused = Replay(http), list[str]()
    for scenario in _STORIES[story]:
        _prepare(cloud, scenario)
        for exchange in recorded_exchanges(scenario):
            answer = replay.send(exchange)
            # A recorded 403 or 404 says what was wrong with the project, which _prepare repeats here.
            if not answer.is_success and answer.status_code != exchange["status"]:
                refused.append(f"{scenario} {exchange['method']} {exchange['path']}: {answer.text}")

    assert refused == []


def test_a_destroyed_stack_leaves_the_project_empty(cloud: GoogleCloud, http: httpx2.Client) -> None:
    cloud.assumptions.activation_seconds = 0
    replay = Replay(http)
    for scenario in ("02-up", "07-archive-change-up", "16-destroy"):
        for exchange in recorded_exchanges(scenario):
            replay.send(exchange)

    assert (cloud.services, cloud.buckets, cloud.accounts, cloud.machine.instances) == ({}, {}, {}, [])
