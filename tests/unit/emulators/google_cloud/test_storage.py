"""Buckets keep versions, delete them by their rules, and return correct checksums."""

import base64
import gzip
import hashlib
from typing import Any

import google_crc32c
import httpx2
import pytest

from emulators.google_cloud import GoogleCloud
from tests.support.google_cloud.deploying import Deployer

_DAY = 24 * 60 * 60  # seconds
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


def test_an_object_is_downloaded_as_it_was_uploaded(deployer: Deployer, http: httpx2.Client) -> None:
    deployer.upload(b"\x00--\r\n\xff", "a/b")

    assert http.get(f"{_OBJECTS}/a%2Fb", params={"alt": "media"}).content == b"\x00--\r\n\xff"


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

    cloud.advance_clock(29 * _DAY)
    before = _versions(deployer)
    cloud.advance_clock(365 * _DAY)

    assert (before, _versions(deployer)) == ([first, second], [second])


@pytest.mark.parametrize("rule", [{"condition": {"age": 30}}, {"condition": {"isLive": False}}])
def test_other_lifecycle_rules_are_501(http: httpx2.Client, deployer: Deployer, rule: dict[str, Any]) -> None:
    rules = {"lifecycle": {"rule": [{"action": {"type": "Delete"}} | rule]}}

    assert http.patch(f"/storage/v1/b/{deployer.bucket}", json=rules).status_code == 501


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


def test_a_resumable_upload_is_501(deployer: Deployer, http: httpx2.Client) -> None:
    begun = http.post(f"/upload{_OBJECTS}", params={"uploadType": "resumable", "name": "big"}, json={})

    assert (begun.status_code, deployer.call("GET", _OBJECTS)) == (501, {"kind": "storage#objects"})


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("ab", "Invalid bucket name: 'ab'"),
        ("Upper", "Invalid bucket name: 'Upper'"),
        ("-ab", "Invalid bucket name: '-ab'"),
        ("a" * 64, f"Use of this bucket name is restricted: '{'a' * 64}'"),
        ("192.168.5.4", "Invalid bucket name: '192.168.5.4'"),
        ("goog-archives", "Bucket name goog-archives is invalid."),
        ("proj-1-google-x", "Bucket name proj-1-google-x is invalid."),
        ("archives-00g00gl3", "Bucket name archives-00g00gl3 is invalid."),
        ("example.com", "The bucket you tried to create requires domain ownership verification."),
    ],
)
def test_a_bucket_name_against_the_rules_is_refused(deployer: Deployer, name: str, message: str) -> None:
    refused = deployer.http.post("/storage/v1/b", params={"project": "proj-1"}, json={"name": name})

    assert refused.json()["error"]["message"] == message
    assert refused.status_code == (403 if "domain" in message else 400)


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
