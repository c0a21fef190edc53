"""Objects and their generations (https://docs.cloud.google.com/storage/docs/json_api/v1/objects)."""

import base64
import hashlib
import json
import re
from email.message import Message
from http import HTTPStatus
from urllib.parse import quote

import google_crc32c
from starlette.responses import JSONResponse, Response

from emulators.google_cloud.errors import ApiError
from emulators.google_cloud.gate import Call, CloudRequest
from emulators.google_cloud.storage.bucket import StoredObject
from emulators.google_cloud.storage.buckets import bucket_of
from emulators.google_cloud.wire import JsonObject

_OBJECT = "/storage/v1/b/{bucket}/o/{object:path}"


async def _get(request: CloudRequest) -> Response:
    stored = bucket_of(request).version(request.path_params["object"], request.query_params.get("generation"))
    if request.query_params.get("alt") == "media":
        return Response(stored.content, media_type=stored.resource["contentType"])
    return JSONResponse(stored.resource)


async def _list(request: CloudRequest) -> JSONResponse:
    versions = request.query_params.get("versions") == "true"
    items = [
        stored.resource
        for stored in sorted(bucket_of(request).objects, key=lambda stored: str(stored.resource["name"]))
        if versions or stored.live
    ]
    return JSONResponse({"kind": "storage#objects"} | ({"items": items} if items else {}))


async def _delete(request: CloudRequest) -> Response:
    bucket_of(request).delete(request.path_params["object"], request.query_params.get("generation"))
    return Response(status_code=HTTPStatus.NO_CONTENT)


async def _upload(request: CloudRequest) -> Response:
    """Store metadata and media of one multipart/related body (RFC 2387), which Go's client sends up to 16 MiB.

    Resumable uploads, which it uses above, are not emulated: an archive has at most 15 MB.
    """
    bucket = bucket_of(request)
    if (kind := request.query_params.get("uploadType")) != "multipart":
        raise ApiError("UNIMPLEMENTED", f"This emulator has no uploads of uploadType={kind}.")
    metadata, content = _split_body(request.headers.get("content-type", ""), await request.body())
    name = request.query_params.get("name") or metadata.get("name")
    if not name:
        raise ApiError("INVALID_ARGUMENT", "Required object name.")
    described = _describe(request, bucket.resource, metadata | {"name": name}, content)
    bucket.put(StoredObject(resource=described, content=content))
    return JSONResponse(described)


def _split_body(content_type: str, body: bytes) -> tuple[JsonObject, bytes]:
    header = Message()
    header["content-type"] = content_type
    parts = (b"\r\n" + body).split(f"\r\n--{header.get_param('boundary')}".encode())
    if header.get_content_type() != "multipart/related" or len(parts) != 4:  # noqa: PLR2004  # preamble, two, epilogue
        raise ApiError("INVALID_ARGUMENT", "Malformed multipart body.")
    (_, _, metadata), (media_head, _, content) = (part.partition(b"\r\n\r\n") for part in parts[1:3])
    media_type = re.search(rb"(?i)content-type: *(\S+)", media_head)
    return ({"contentType": media_type[1].decode()} if media_type else {}) | json.loads(metadata), content


def _describe(request: CloudRequest, bucket: JsonObject, metadata: JsonObject, content: bytes) -> JsonObject:
    cloud, origin = request.state["cloud"], str(request.base_url)
    now, generation = cloud.stamp(), cloud.next_generation()
    path = f"storage/v1/b/{bucket['name']}/o/{quote(metadata['name'], safe='')}"
    return {
        "contentType": "application/octet-stream",
        "storageClass": bucket["storageClass"],
    } | metadata | {
        "kind": "storage#object",
        "id": f"{bucket['name']}/{metadata['name']}/{generation}",
        "selfLink": origin + path,
        "mediaLink": f"{origin}download/{path}?generation={generation}&alt=media",
        "bucket": bucket["name"],
        "generation": generation,
        "metageneration": "1",
        "size": str(len(content)),
        "md5Hash": base64.b64encode(hashlib.md5(content, usedforsecurity=False).digest()).decode(),
        "crc32c": base64.b64encode(google_crc32c.Checksum(content).digest()).decode(),
        "etag": base64.b64encode(generation.encode()).decode(),
        "timeCreated": now,
        "updated": now,
        "timeStorageClassUpdated": now,
    }  # fmt: skip


CALLS = [
    Call("POST", "/upload/storage/v1/b/{bucket}/o", _upload, "storage.objects.create"),
    Call("GET", "/storage/v1/b/{bucket}/o", _list, "storage.objects.list"),
    Call("GET", _OBJECT, _get, "storage.objects.get"),
    Call("DELETE", _OBJECT, _delete, "storage.objects.delete"),
]
