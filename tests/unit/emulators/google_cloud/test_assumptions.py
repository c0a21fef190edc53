"""Undocumented behaviour is an assumption: strict by default, and each can be changed."""

import httpx2
import pytest

from emulators.google_cloud import Caller, GoogleCloud
from tests.support.google_cloud.deploying import HELLO, SERVICES, Deployer, archive

_RUN = "run.googleapis.com"


def _turn(cloud: GoogleCloud, name: str, value: object) -> None:
    assert getattr(cloud.assumptions, name) != value
    setattr(cloud.assumptions, name, value)


def _validate(deployer: Deployer, location: str = "europe-west1", **service: object) -> httpx2.Response:
    declared = deployer.declared("1", **service)
    services = SERVICES.replace("europe-west1", location)
    return deployer.http.post(services, params={"serviceId": "hello", "validateOnly": "true"}, json=declared)


@pytest.mark.parametrize("strict", [True, False])
def test_an_api_is_usable_some_time_after_it_was_enabled(cloud: GoogleCloud, http: httpx2.Client, strict: bool) -> None:  # noqa: FBT001  # a parameter of the test
    if not strict:
        _turn(cloud, "activation_seconds", 0)
    http.post(f"/v1/projects/proj-1/services/{_RUN}:enable", json={})
    assert http.get(f"/v1/projects/proj-1/services/{_RUN}").json()["state"] == "ENABLED"

    assert http.get(f"{SERVICES}/hello").status_code == (403 if strict else 404)
    cloud.advance_clock(cloud.assumptions.activation_seconds)
    assert http.get(f"{SERVICES}/hello").status_code == 404


@pytest.mark.parametrize("strict", [True, False])
def test_a_cold_start_needs_the_archive(cloud: GoogleCloud, deployer: Deployer, strict: bool) -> None:  # noqa: FBT001  # a parameter of the test
    if not strict:
        _turn(cloud, "cold_start_needs_archive", value=False)
    generation = deployer.upload(archive(main=HELLO))
    deployer.create(deployer.declared(generation))
    deployer.call("DELETE", f"/storage/v1/b/{deployer.bucket}/o/source.tar.gz?generation={generation}")
    assert deployer.visit("/").status_code == 200

    cloud.scale("hello", 0)

    assert deployer.visit("/").status_code == (503 if strict else 200)


def test_a_deployer_may_have_to_read_the_archive(cloud: GoogleCloud, deployer: Deployer) -> None:
    cloud.denied_permissions.add("storage.objects.get")
    strict = _validate(deployer).status_code
    _turn(cloud, "deployer_reads_archive", value=False)

    assert (strict, _validate(deployer).status_code) == (403, 200)


def test_base_images_may_be_answered_as_they_were_sent(cloud: GoogleCloud, deployer: Deployer) -> None:
    _turn(cloud, "expands_base_images", value=False)

    answer = _validate(deployer, container={"baseImageUri": "python313"}).json()

    assert answer["response"]["template"]["containers"][0]["baseImageUri"] == "python313"


def test_google_24_may_have_python_3_13(cloud: GoogleCloud, deployer: Deployer) -> None:
    _turn(cloud, "google_24_has_python313", value=True)

    statuses = [
        _validate(deployer, container={"baseImageUri": f"google-24/{runtime}"}).status_code
        for runtime in ("python313", "python312")
    ]
    assert statuses == [200, 400]


def test_there_may_be_more_regions(cloud: GoogleCloud, deployer: Deployer) -> None:
    _turn(cloud, "has_unlisted_regions", value=True)

    assert [_validate(deployer, region).status_code for region in ("europe-west99", "europe")] == [200, 403]


def test_a_person_may_need_no_quota_project(cloud: GoogleCloud, http: httpx2.Client) -> None:
    cloud.deployer = Caller(is_person=True)
    strict = http.get("/v1/projects/proj-1").status_code
    _turn(cloud, "people_need_quota_project", value=False)

    assert (strict, http.get("/v1/projects/proj-1").status_code) == (403, 200)


def test_the_scaling_of_a_service_may_not_be_checked(cloud: GoogleCloud, deployer: Deployer) -> None:
    scaling = {"minInstanceCount": 2, "maxInstanceCount": 1}
    strict = _validate(deployer, scaling=scaling)
    _turn(cloud, "service_scaling_is_checked", value=False)

    assert "CreateServiceRequest.service.scaling.max_instance_count" in strict.json()["error"]["message"]
    assert _validate(deployer, scaling=scaling).status_code == 200


def test_a_start_may_take_ten_minutes(cloud: GoogleCloud, deployer: Deployer) -> None:
    _turn(cloud, "startup_seconds", 600)

    probes = [{"periodSeconds": 100, "failureThreshold": threshold} for threshold in (6, 7)]

    assert [_validate(deployer, container={"startupProbe": probe}).status_code for probe in probes] == [200, 400]
