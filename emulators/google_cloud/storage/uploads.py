"""Uploads: in one multipart request, or resumable in chunks (https://docs.cloud.google.com/storage/docs/uploads-downloads)."""

import base64
import hashlib
import json
import re
import secrets
from dataclasses import dataclass
from email.message import Message
from http import HTTPMethod, HTTPStatus
from urllib.parse import quote

import google_crc32c
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from emulators.google_cloud.errors import InvalidArgument, JsonObject, NotFound, Unimplemented
from emulators.google_cloud.gate import Asked, json_body
from emulators.google_cloud.state import GoogleCloud
from emulators.google_cloud.storage.buckets import bucket_of
from emulators.google_cloud.storage.versions import Bucket, StoredObject

_RANGE = re.compile(r"bytes (?:(\d+)-\d+|\*)/(\d+|\*)")
_RESUME_INCOMPLETE = "308"


@dataclass
class Upload:
    """A resumable upload under way."""

    bucket: Bucket
    metadata: JsonObject
    content: bytes = b""


def _digest(algorithm: str, content: bytes) -> str:
    return base64.b64encode(hashlib.new(algorithm, content, usedforsecurity=False).digest()).decode()


def _stored(cloud: GoogleCloud, origin: str, upload: Upload) -> StoredObject:
    bucket, name, now = upload.bucket.resource, upload.metadata["name"], cloud.clock.stamp()
    generation, path = cloud.next_generation(), f"storage/v1/b/{bucket['name']}/o/{quote(name, safe='')}"
    described = {
        "contentType": "application/octet-stream",
        "storageClass": bucket["storageClass"],
    } | upload.metadata | {
        "kind": "storage#object",
        "id": f"{bucket['name']}/{name}/{generation}",
        "selfLink": origin + path,
        "mediaLink": f"{origin}download/{path}?generation={generation}&alt=media",
        "bucket": bucket["name"],
        "generation": generation,
        "metageneration": "1",
        "size": str(len(upload.content)),
        "md5Hash": _digest("md5", upload.content),
        "crc32c": base64.b64encode(google_crc32c.Checksum(upload.content).digest()).decode(),
        "etag": base64.b64encode(generation.encode()).decode(),
        "timeCreated": now,
        "updated": now,
        "timeStorageClassUpdated": now,
    }  # fmt: skip
    return StoredObject(resource=described, content=upload.content)


def _finish(request: Asked, upload: Upload) -> JSONResponse:
    stored = _stored(request.state["cloud"], str(request.base_url), upload)
    upload.bucket.put(stored)
    return JSONResponse(stored.resource)


def _named(request: Asked, metadata: JsonObject) -> JsonObject:
    name = request.query_params.get("name") or metadata.get("name")
    if not name:
        raise InvalidArgument("Required object name.")
    return metadata | {"name": name}


async def _multipart(request: Asked) -> Response:
    """Take metadata and media in one body of the type multipart/related (RFC 2387)."""
    kind = Message()
    kind["content-type"] = request.headers.get("content-type", "")
    delimiter = f"--{kind.get_param('boundary')}".encode()
    parts = (b"\r\n" + await request.body()).split(b"\r\n" + delimiter)
    if kind.get_content_type() != "multipart/related" or len(parts) != 4:  # noqa: PLR2004  # preamble, two, epilogue
        raise InvalidArgument("Malformed multipart body.")
    (_, _, metadata), (media_head, _, content) = (part.partition(b"\r\n\r\n") for part in parts[1:3])
    media_type = re.search(rb"(?i)content-type: *(\S+)", media_head)
    declared = {"contentType": media_type[1].decode()} if media_type else {}
    wanted = declared | json.loads(metadata)
    return _finish(request, Upload(bucket_of(request), _named(request, wanted), content))


async def _begin(request: Asked) -> Response:
    bucket, upload_id = bucket_of(request), secrets.token_hex(8)
    declared = request.headers.get("x-upload-content-type")
    metadata = ({"contentType": declared} if declared else {}) | await json_body(request)
    request.state["cloud"].uploads[upload_id] = Upload(bucket, _named(request, metadata))
    path = f"upload/storage/v1/b/{request.path_params['bucket']}/o?uploadType=resumable&upload_id={upload_id}"
    return Response(headers={"location": f"{request.base_url}{path}", "x-guploader-uploadid": upload_id})


async def _continue(request: Asked) -> Response:
    """Take a chunk; until the last, the answer is 308, or what stands for it where the client asks for no 308."""
    uploads, upload_id = request.state["cloud"].uploads, request.query_params["upload_id"]
    span = _RANGE.fullmatch(request.headers.get("content-range", "bytes 0-0/*"))
    if upload_id not in uploads:
        raise NotFound("No such upload.")
    upload = uploads[upload_id]
    if span is None or (span[1] and int(span[1]) != len(upload.content)):
        raise InvalidArgument(f"Invalid Content-Range: {len(upload.content)} bytes are here.")
    upload.content += await request.body()
    whole = "content-range" not in request.headers or span[2] == str(len(upload.content))
    return _finish(request, uploads.pop(upload_id)) if whole else _wants_more(request, upload)


def _wants_more(request: Asked, upload: Upload) -> Response:
    received = {"range": f"bytes=0-{len(upload.content) - 1}"} if upload.content else {}
    if request.headers.get("x-guploader-no-308") == "yes":
        return Response(headers=received | {"x-http-status-code-override": _RESUME_INCOMPLETE})
    return Response(status_code=HTTPStatus.PERMANENT_REDIRECT, headers=received)


async def _upload(request: Asked) -> Response:
    kind = request.query_params.get("uploadType")
    if kind == "multipart" and request.method == HTTPMethod.POST:
        return await _multipart(request)
    if kind == "resumable":
        return await (_continue if "upload_id" in request.query_params else _begin)(request)
    raise Unimplemented(f"This emulator knows no {request.method} of uploadType={kind}.")


ROUTES = [Route("/upload/storage/v1/b/{bucket}/o", _upload, methods=["POST", "PUT"])]
