"""Wrong requests get Google's errors; unsupported ones get 501."""

import httpx2
import pytest

from emulators.google_cloud import ApiError, GoogleCloud
from tests.support.google_cloud.deploying import HELLO, SERVICES, Deployer, archive

_PROJECT = "/v1/projects/proj-1"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/projects/proj-1/secrets"),
        ("PUT", "/v1/projects/proj-1"),
        ("GET", "/v1/projects/proj-1/services/"),
        ("GET", "/v1/projects/proj-1/services"),
    ],
)
def test_what_the_emulator_does_not_know_is_501_with_what_was_asked(
    http: httpx2.Client, method: str, path: str
) -> None:
    answer = http.request(method, path)

    assert answer.status_code == 501
    assert "This emulator" in answer.json()["error"]["message"]


def test_the_line_names_what_was_asked(http: httpx2.Client) -> None:
    error = http.delete("/v1/projects/proj-1/keys/a").json()["error"]

    assert error == {
        "code": 501,
        "message": "This emulator does not know DELETE /v1/projects/proj-1/keys/a.",
        "status": "UNIMPLEMENTED",
    }


def test_a_request_without_a_token_is_401(http: httpx2.Client) -> None:
    answer = http.get(_PROJECT, headers={"authorization": ""})

    assert (answer.status_code, answer.json()["error"]["status"]) == (401, "UNAUTHENTICATED")


def test_another_project_is_403(http: httpx2.Client) -> None:
    error = http.get("/v1/projects/somebody-elses").json()["error"]

    assert error["message"] == "Permission denied on resource project somebody-elses."


def test_a_queued_error_is_answered_once(cloud: GoogleCloud, http: httpx2.Client) -> None:
    cloud.queue_error(ApiError("PERMISSION_DENIED", "not today"), path="*/projects/proj-1")

    assert [http.get(_PROJECT).status_code for _ in range(2)] == [403, 200]


@pytest.mark.parametrize("body", [b"{", b"[]"])
def test_a_body_that_is_no_json_object_is_400(http: httpx2.Client, body: bytes) -> None:
    answer = http.post(f"{_PROJECT}/services:batchEnable", content=body)

    assert answer.status_code == 400
    assert "Invalid JSON payload received." in answer.json()["error"]["message"]


def _refused(deployer: Deployer, **service: object) -> tuple[int, str]:
    declared = deployer.declared(deployer.upload(archive(main=HELLO)), **service)
    answer = deployer.http.post(SERVICES, params={"serviceId": "hello"}, json=declared)
    return answer.status_code, answer.json()["error"]["message"]


def test_secrets_are_not_emulated(deployer: Deployer) -> None:
    variable = {"name": "A", "valueSource": {"secretKeyRef": {"secret": "s"}}}

    assert _refused(deployer, container={"env": [variable]})[0] == 501


def test_traffic_is_not_split_here(deployer: Deployer) -> None:
    traffic = [{"type": "TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST", "percent": 50}]

    assert _refused(deployer, traffic=traffic)[0] == 501


def test_a_second_service_of_a_name_is_409(deployer: Deployer) -> None:
    deployer.create(deployer.declared(deployer.upload(archive(main=HELLO))))

    assert _refused(deployer)[0] == 409


def test_a_stale_etag_is_409(deployer: Deployer, http: httpx2.Client) -> None:
    service = deployer.declared(deployer.upload(archive(main=HELLO)))
    deployer.create(service)

    answer = http.patch(f"{SERVICES}/hello", json=service | {"etag": '"stale"'})

    assert (answer.status_code, answer.json()["error"]["status"]) == (409, "ABORTED")
