"""The released plugins' recorded requests get answers of the recorded status and shape."""

import re

import httpx2
import pytest

from emulators.google_cloud import GoogleCloud
from tests.support.google_cloud.replay import Replay, recorded, shape

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
    "a large archive": ["28-resumable-upload-up"],
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
_DIFFERENCES = {
    r"\S+ GET /v1/projects/proj-1/services: \.services\[\].*": "a new project has two APIs enabled here, none there",
    r"\S+ POST /v1/projects/proj-1/services\S+ \.response\..*": "what was enabled is named, as the document says",
    r"16-\S+ GET \S+/operations/\S+ \.response\.deleteTime: str": "a deleted service says when it was",
    r"17-\S+-then-up GET .*": "a service whose create failed shows so; there it became ready by itself",
}
"""Places where an answer differs from the recorded one, as patterns, each with the reason."""


def _prepare(cloud: GoogleCloud, scenario: str) -> None:
    if scenario.startswith("17") and scenario.endswith("-error-up"):
        cloud.fail_next_deployment("Revision 'tiktok-proxy-00001-abc' is not ready and cannot serve traffic.")
    if scenario == "17b-run-create-op-error-nothing-left-up":
        cloud.fail_next_deployment("Revision 'tiktok-proxy-00001-abc' is not ready.", leaving=False)
    if scenario == "38-run-api-disabled-oob-refresh":
        cloud.enabled.remove("run.googleapis.com")


@pytest.mark.parametrize("story", _STORIES)
def test_answers_have_the_recorded_shape(cloud: GoogleCloud, http: httpx2.Client, story: str) -> None:
    replay, differences = Replay(http), list[str]()
    for scenario in _STORIES[story]:
        _prepare(cloud, scenario)
        for exchange in recorded(scenario):
            answer = replay.send(exchange)
            call = f"{scenario} {exchange['method']} {exchange['path']}"
            assert answer.status_code == exchange["status"], f"{call}: {answer.text}"
            ours = shape(answer.json()) if answer.content else set[str]()
            differences += [f"{call}: {place}" for place in sorted(ours ^ shape(exchange["response_body"]))]

    assert [line for line in differences if not any(re.fullmatch(pattern, line) for pattern in _DIFFERENCES)] == []


def test_a_destroyed_stack_leaves_the_project_empty(cloud: GoogleCloud, http: httpx2.Client) -> None:
    replay = Replay(http)
    for scenario in ("02-up", "07-archive-change-up", "16-destroy"):
        for exchange in recorded(scenario):
            replay.send(exchange)

    assert (cloud.services, cloud.buckets, cloud.accounts, cloud.machine.instances) == ({}, {}, {}, [])
