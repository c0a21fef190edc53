"""Buckets (https://docs.cloud.google.com/storage/docs/json_api/v1/buckets)."""

import re
from datetime import timedelta
from http import HTTPStatus
from typing import Any, cast

from starlette.responses import JSONResponse, Response

from emulators.google_cloud.errors import ApiError
from emulators.google_cloud.gate import Call, CloudRequest, read_json
from emulators.google_cloud.state import GoogleCloud
from emulators.google_cloud.storage.bucket import Bucket, check_lifecycle
from emulators.google_cloud.wire import JsonObject, rfc3339

# https://docs.cloud.google.com/storage/docs/buckets#naming
_NAME = re.compile(r"[a-z0-9][-_.a-z0-9]{1,220}[a-z0-9]")
_ADDRESS = re.compile(r"\d+\.\d+\.\d+\.\d+")
_RESERVED = re.compile(r"goog.*|.*g[o0]{2}g[l1][e3].*")
_LONGEST_PART = 63
_SEVEN_DAYS = "604800"


def bucket_of(request: CloudRequest) -> Bucket:
    """Return the bucket that the path names; 404 if there is none."""
    bucket = request.state["cloud"].buckets.get(request.path_params["bucket"])
    if bucket is None:
        raise ApiError("NOT_FOUND", "The specified bucket does not exist.")
    return bucket


def _describe_access(cloud: GoogleCloud, wanted: JsonObject) -> JsonObject:
    """Return who may reach a bucket; uniform access appears under its older name, too."""
    uniform: JsonObject = wanted.get("uniformBucketLevelAccess", {"enabled": False})
    if uniform["enabled"]:
        locked = cloud.clock.utc() + timedelta(days=90)
        uniform = uniform | {"lockedTime": rfc3339(locked)}
    both = {"uniformBucketLevelAccess": uniform, "bucketPolicyOnly": uniform}
    return {"publicAccessPrevention": "inherited"} | wanted | both


def _describe(cloud: GoogleCloud, origin: str, body: JsonObject) -> JsonObject:
    now, name = cloud.stamp(), body["name"]
    location = str(body.get("location", "US")).upper()
    return {
        "storageClass": "STANDARD",
        "softDeletePolicy": {"retentionDurationSeconds": _SEVEN_DAYS, "effectiveTime": now},
    } | body | {
        "kind": "storage#bucket",
        "iamConfiguration": _describe_access(cloud, body.get("iamConfiguration", {})),
        "id": name,
        "selfLink": f"{origin}storage/v1/b/{name}",
        "projectNumber": cloud.project_number,
        "timeCreated": now,
        "updated": now,
        "metageneration": "1",
        "generation": cloud.next_generation(),
        "etag": "CAE=",
        "location": location,
        "locationType": "multi-region" if location in {"US", "EU", "ASIA"} else "region",
        "rpo": "DEFAULT",
    }  # fmt: skip


def _merge(target: Any, patch: Any) -> Any:  # noqa: ANN401  # any JSON value
    """Patch by RFC 7396: objects are merged, and null removes."""
    if not isinstance(patch, dict):
        return patch
    old = cast("JsonObject", target if isinstance(target, dict) else {})
    new = {name: _merge(old.get(name), value) for name, value in cast("JsonObject", patch).items()}
    return {name: value for name, value in (old | new).items() if value is not None}


def check_bucket_name(name: str) -> None:
    if not _NAME.fullmatch(name) or _ADDRESS.fullmatch(name):
        raise ApiError("INVALID_ARGUMENT", f"Invalid bucket name: '{name}'")
    if any(len(part) > _LONGEST_PART for part in name.split(".")):
        raise ApiError("INVALID_ARGUMENT", f"Use of this bucket name is restricted: '{name}'")
    if _RESERVED.fullmatch(name):
        raise ApiError("INVALID_ARGUMENT", f"Bucket name {name} is invalid.")
    if "." in name:
        raise ApiError("PERMISSION_DENIED", "The bucket you tried to create requires domain ownership verification.")


async def _create(request: CloudRequest) -> JSONResponse:
    cloud, body = request.state["cloud"], await read_json(request)
    name = str(body.get("name", ""))
    check_bucket_name(name)
    if name in cloud.buckets:
        raise ApiError(
            "ALREADY_EXISTS", "Your previous request to create the named bucket succeeded and you already own it."
        )
    check_lifecycle(body)
    resource = _describe(cloud, str(request.base_url), body)
    cloud.buckets[name] = Bucket(resource=resource, clock=cloud.clock)
    return JSONResponse(resource)


async def _get(request: CloudRequest) -> JSONResponse:
    return JSONResponse(bucket_of(request).resource)


async def _get_policy(request: CloudRequest) -> JSONResponse:
    name = f"projects/_/buckets/{bucket_of(request).resource['name']}"
    policy = request.state["cloud"].policy(name)
    return JSONResponse({"kind": "storage#policy", "resourceId": name, "version": 1} | policy)


async def _patch(request: CloudRequest) -> JSONResponse:
    bucket = bucket_of(request)
    patched = _merge(bucket.resource, await read_json(request, keep_nulls=True))
    check_lifecycle(patched)
    bucket.resource = patched | {
        "updated": request.state["cloud"].stamp(),
        "metageneration": str(int(bucket.resource["metageneration"]) + 1),
    }
    return JSONResponse(bucket.resource)


async def _delete(request: CloudRequest) -> Response:
    if bucket_of(request).objects:
        raise ApiError("ALREADY_EXISTS", "The bucket you tried to delete is not empty.")
    del request.state["cloud"].buckets[request.path_params["bucket"]]
    return Response(status_code=HTTPStatus.NO_CONTENT)


async def _list_caches(request: CloudRequest) -> JSONResponse:
    bucket_of(request)
    return JSONResponse({"kind": "storage#anywhereCaches"})


CALLS = [
    Call("POST", "/storage/v1/b", _create, "storage.buckets.create"),
    Call("GET", "/storage/v1/b/{bucket}", _get, "storage.buckets.get"),
    Call("PATCH", "/storage/v1/b/{bucket}", _patch, "storage.buckets.update"),
    Call("DELETE", "/storage/v1/b/{bucket}", _delete, "storage.buckets.delete"),
    Call("GET", "/storage/v1/b/{bucket}/iam", _get_policy, "storage.buckets.getIamPolicy"),
    Call("GET", "/storage/v1/b/{bucket}/anywhereCaches/", _list_caches, "storage.anywhereCaches.list"),
]
