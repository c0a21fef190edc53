"""Buckets (https://docs.cloud.google.com/storage/docs/json_api/v1/buckets)."""

import re
from datetime import timedelta
from http import HTTPStatus
from typing import Any, cast

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from emulators.google_cloud.clock import rfc3339
from emulators.google_cloud.errors import AlreadyExists, InvalidArgument, JsonObject, NotFound
from emulators.google_cloud.gate import Asked, json_body
from emulators.google_cloud.state import GoogleCloud
from emulators.google_cloud.storage.versions import Bucket, check_lifecycle

_NAME = re.compile(r"[a-z0-9][-_.a-z0-9]{1,61}[a-z0-9]")
_SEVEN_DAYS = "604800"


def bucket_of(request: Asked) -> Bucket:
    """Return the bucket that the path names; 404 where there is none."""
    bucket = request.state["cloud"].buckets.get(request.path_params["bucket"])
    if bucket is None:
        raise NotFound("The specified bucket does not exist.")
    return bucket


def _access(cloud: GoogleCloud, wanted: JsonObject) -> JsonObject:
    """Return who may reach a bucket; the older name of uniform access is answered beside the newer one."""
    uniform: JsonObject = wanted.get("uniformBucketLevelAccess", {"enabled": False})
    if uniform["enabled"]:
        locked = cloud.clock.now() + timedelta(days=90)
        uniform = uniform | {"lockedTime": rfc3339(locked)}
    both = {"uniformBucketLevelAccess": uniform, "bucketPolicyOnly": uniform}
    return {"publicAccessPrevention": "inherited"} | wanted | both


def _described(cloud: GoogleCloud, origin: str, body: JsonObject) -> JsonObject:
    now, name = cloud.clock.stamp(), body["name"]
    location = str(body.get("location", "US")).upper()
    return {
        "storageClass": "STANDARD",
        "softDeletePolicy": {"retentionDurationSeconds": _SEVEN_DAYS, "effectiveTime": now},
    } | body | {
        "kind": "storage#bucket",
        "iamConfiguration": _access(cloud, body.get("iamConfiguration", {})),
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


def _merged(target: Any, patch: Any) -> Any:  # noqa: ANN401  # any JSON value
    """Patch as RFC 7396 says: objects are merged, null takes away."""
    if not isinstance(patch, dict):
        return patch
    old = cast("JsonObject", target if isinstance(target, dict) else {})
    new = {name: _merged(old.get(name), value) for name, value in cast("JsonObject", patch).items()}
    return {name: value for name, value in (old | new).items() if value is not None}


async def _create(request: Asked) -> JSONResponse:
    cloud, body = request.state["cloud"], await json_body(request)
    name = str(body.get("name", ""))
    if not _NAME.fullmatch(name):
        raise InvalidArgument(f"Invalid bucket name: '{name}'")
    if name in cloud.buckets:
        raise AlreadyExists("Your previous request to create the named bucket succeeded and you already own it.")
    check_lifecycle(body)
    resource = _described(cloud, str(request.base_url), body)
    cloud.buckets[name] = Bucket(resource=resource, clock=cloud.clock)
    return JSONResponse(resource)


async def _get(request: Asked) -> JSONResponse:
    return JSONResponse(bucket_of(request).resource)


async def _patch(request: Asked) -> JSONResponse:
    bucket = bucket_of(request)
    patched = _merged(bucket.resource, await json_body(request, nulls=True))
    check_lifecycle(patched)
    bucket.resource = patched | {
        "updated": bucket.clock.stamp(),
        "metageneration": str(int(bucket.resource["metageneration"]) + 1),
    }
    return JSONResponse(bucket.resource)


async def _delete(request: Asked) -> Response:
    if bucket_of(request).objects:
        raise AlreadyExists("The bucket you tried to delete is not empty.")
    del request.state["cloud"].buckets[request.path_params["bucket"]]
    return Response(status_code=HTTPStatus.NO_CONTENT)


async def _caches(request: Asked) -> JSONResponse:
    bucket_of(request)
    return JSONResponse({"kind": "storage#anywhereCaches"})


ROUTES = [
    Route("/storage/v1/b", _create, methods=["POST"]),
    Route("/storage/v1/b/{bucket}", _get, methods=["GET"]),
    Route("/storage/v1/b/{bucket}", _patch, methods=["PATCH"]),
    Route("/storage/v1/b/{bucket}", _delete, methods=["DELETE"]),
    Route("/storage/v1/b/{bucket}/anywhereCaches/", _caches, methods=["GET"]),
    Route("/storage/v1/b/{bucket}/anywhereCaches", _caches, methods=["GET"]),
]
