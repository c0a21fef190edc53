"""Buckets keep versions, drop them by their rules, and give true checksums."""

import base64
import gzip
import hashlib
from datetime import timedelta
from typing import Any

import google_crc32c
import httpx2
import pytest

from emulators.google_cloud import GoogleCloud
from tests.support.google_cloud.deploying import Deployer

_OBJECTS = "/storage/v1/b/sources/o"


def _versions(deployer: Deployer) -> list[str]:
    return [item["generation"] for item in deployer.call("GET", f"{_OBJECTS}?versions=true").get("items", [])]


def test_an_object_has_the_checksums_of_its_bytes(deployer: Deployer) -> None:
    content = gzip.compress(b"\r\n--frontie\r\n" * 9)
    deployer.upload(content)

    stored = deployer.call("GET", f"{_OBJECTS}/source.tar.gz")

    assert stored["md5Hash"] == base64.b64encode(hashlib.md5(content, usedforsecurity=False).digest()).decode()
    assert stored["crc32c"] == base64.b64encode(google_crc32c.Checksum(content).digest()).decode()
    assert (stored["size"], stored["contentType"]) == (str(len(content)), "application/gzip")


@pytest.mark.parametrize("path", [f"{_OBJECTS}/a%2Fb", f"/download{_OBJECTS}/a%2Fb"])
def test_an_object_is_downloaded_as_it_was_uploaded(deployer: Deployer, http: httpx2.Client, path: str) -> None:
    deployer.upload(b"\x00--\r\n\xff", "a/b")

    assert http.get(path, params={"alt": "media"}).content == b"\x00--\r\n\xff"


def test_a_replaced_object_is_found_by_its_generation(deployer: Deployer, http: httpx2.Client) -> None:
    first, second = deployer.upload(b"one"), deployer.upload(b"two")

    earlier = http.get(f"{_OBJECTS}/source.tar.gz", params={"alt": "media", "generation": first})

    assert earlier.content == b"one"
    assert deployer.call("GET", f"{_OBJECTS}/source.tar.gz")["generation"] == second


def test_a_deleted_object_is_kept_as_a_version_and_a_deleted_version_is_gone(deployer: Deployer) -> None:
    generation = deployer.upload(b"one")

    deployer.call("DELETE", f"{_OBJECTS}/source.tar.gz")
    kept = _versions(deployer)
    deployer.call("DELETE", f"{_OBJECTS}/source.tar.gz?generation={generation}")

    assert (kept, _versions(deployer)) == ([generation], [])


def test_a_bucket_without_versioning_forgets_what_is_replaced(deployer: Deployer) -> None:
    deployer.call("PATCH", "/storage/v1/b/sources", {"versioning": {"enabled": False}})
    deployer.upload(b"one")

    second = deployer.upload(b"two")

    assert _versions(deployer) == [second]


def test_noncurrent_versions_go_after_thirty_days_and_the_live_one_stays_for_years(
    cloud: GoogleCloud, deployer: Deployer
) -> None:
    first, second = deployer.upload(b"one"), deployer.upload(b"two")

    cloud.advance(timedelta(days=29))
    before = _versions(deployer)
    cloud.advance(timedelta(days=365))

    assert (before, _versions(deployer)) == ([first, second], [second])


@pytest.mark.parametrize(
    ("condition", "kept"),
    [({"age": 30}, 1), ({"numNewerVersions": 1}, 1), ({"isLive": False}, 1), ({"age": 90, "isLive": True}, 2)],
)
def test_a_rule_takes_what_meets_all_its_conditions(
    cloud: GoogleCloud, deployer: Deployer, condition: dict[str, Any], kept: int
) -> None:
    deployer.upload(b"one")
    deployer.upload(b"two")
    rule = {"action": {"type": "Delete"}, "condition": condition}
    deployer.call("PATCH", "/storage/v1/b/sources", {"lifecycle": {"rule": [rule]}})

    cloud.advance(timedelta(days=31))

    assert len(_versions(deployer)) == kept


def test_a_patch_keeps_what_it_does_not_name_and_null_takes_away(deployer: Deployer) -> None:
    patch = {"iamConfiguration": {"publicAccessPrevention": "enforced"}, "lifecycle": None}

    bucket = deployer.call("PATCH", "/storage/v1/b/sources", patch)

    assert bucket["iamConfiguration"]["uniformBucketLevelAccess"] == {"enabled": False}
    assert (bucket["versioning"], bucket["metageneration"]) == ({"enabled": True}, "2")
    assert "lifecycle" not in bucket


def test_a_bucket_that_says_nothing_of_it_deletes_softly(deployer: Deployer) -> None:
    bucket = deployer.call("POST", "/storage/v1/b?project=proj-1", {"name": "another", "location": "eu"})

    assert bucket["softDeletePolicy"]["retentionDurationSeconds"] == "604800"
    assert (bucket["location"], bucket["locationType"]) == ("EU", "multi-region")


def _begun(http: httpx2.Client) -> str:
    begun = http.post(
        "/upload/storage/v1/b/sources/o",
        params={"uploadType": "resumable", "name": "big"},
        headers={"x-upload-content-type": "application/gzip"},
    )
    return begun.headers["location"]


def test_chunks_are_answered_200_where_the_client_cannot_take_308(deployer: Deployer, http: httpx2.Client) -> None:
    address, no_308 = _begun(http), {"x-guploader-no-308": "yes"}

    more = http.post(address, content=b"one", headers=no_308 | {"content-range": "bytes 0-2/*"})
    done = http.post(address, content=b"two", headers=no_308 | {"content-range": "bytes 3-5/6"})

    assert (more.status_code, more.headers["x-http-status-code-override"]) == (200, "308")
    assert more.headers["range"] == "bytes=0-2"
    assert (done.json()["size"], done.json()["contentType"]) == ("6", "application/gzip")
    assert deployer.call("GET", f"{_OBJECTS}/big")["generation"] == done.json()["generation"]


def test_other_clients_get_308_and_a_chunk_out_of_place_is_refused(deployer: Deployer, http: httpx2.Client) -> None:
    address = _begun(http)

    assert http.put(address, content=b"one", headers={"content-range": "bytes 0-2/*"}).status_code == 308
    assert http.put(address, content=b"two", headers={"content-range": "bytes 5-7/8"}).status_code == 400
    assert deployer.call("GET", _OBJECTS) == {"kind": "storage#objects"}


def test_a_bucket_with_objects_cannot_be_deleted(deployer: Deployer, http: httpx2.Client) -> None:
    deployer.upload(b"one")

    refused = http.delete("/storage/v1/b/sources")

    assert refused.status_code == 409
    assert "not empty" in refused.json()["error"]["message"]


def test_an_error_has_the_form_of_the_json_api(deployer: Deployer, http: httpx2.Client) -> None:
    refused = http.get(f"{_OBJECTS}/nothing").json()

    message = f"No such object: {deployer.bucket}/nothing"
    assert refused == {
        "error": {
            "code": 404,
            "message": message,
            "errors": [{"message": message, "domain": "global", "reason": "notFound"}],
        }
    }
