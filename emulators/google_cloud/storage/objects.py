"""Objects and their generations (https://docs.cloud.google.com/storage/docs/json_api/v1/objects)."""

from http import HTTPStatus

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from emulators.google_cloud.errors import ConditionNotMet, JsonObject
from emulators.google_cloud.gate import Asked, json_body
from emulators.google_cloud.storage.buckets import bucket_of
from emulators.google_cloud.storage.versions import StoredObject

_OBJECT = "/storage/v1/b/{bucket}/o/{object:path}"
_WRITABLE = ("cacheControl", "contentDisposition", "contentEncoding", "contentLanguage", "contentType", "metadata")


def _asked_for(request: Asked) -> StoredObject:
    stored = bucket_of(request).version(request.path_params["object"], request.query_params.get("generation"))
    wanted = request.query_params.get("ifGenerationMatch", stored.resource["generation"])
    if wanted != stored.resource["generation"]:
        raise ConditionNotMet("At least one of the pre-conditions you specified did not hold.")
    return stored


async def _get(request: Asked) -> Response:
    stored = _asked_for(request)
    if request.query_params.get("alt") == "media":
        headers = {
            "x-goog-generation": stored.resource["generation"],
            "x-goog-hash": f"crc32c={stored.resource['crc32c']},md5={stored.resource['md5Hash']}",
        }
        return Response(stored.content, headers=headers, media_type=stored.resource["contentType"])
    return JSONResponse(stored.resource)


async def _list(request: Asked) -> JSONResponse:
    everything = request.query_params.get("versions") == "true"
    prefix = request.query_params.get("prefix", "")
    items = [
        stored.resource
        for stored in sorted(bucket_of(request).objects, key=lambda stored: str(stored.resource["name"]))
        if (everything or stored.live) and stored.resource["name"].startswith(prefix)
    ]
    return JSONResponse({"kind": "storage#objects"} | ({"items": items} if items else {}))


async def _change(request: Asked) -> JSONResponse:
    """Change the metadata: PUT replaces all that may be written, PATCH what it names."""
    stored, body = _asked_for(request), await json_body(request)
    wanted = {name: body[name] for name in _WRITABLE if name in body}
    kept = {
        name: value for name, value in stored.resource.items() if request.method == "PATCH" or name not in _WRITABLE
    }
    changed: JsonObject = {"contentType": "application/octet-stream"} | kept | wanted
    stored.resource = changed | {"metageneration": str(int(changed["metageneration"]) + 1)}
    return JSONResponse(stored.resource)


async def _delete(request: Asked) -> Response:
    _asked_for(request)
    bucket_of(request).delete(request.path_params["object"], request.query_params.get("generation"))
    return Response(status_code=HTTPStatus.NO_CONTENT)


ROUTES = [
    Route("/storage/v1/b/{bucket}/o", _list, methods=["GET"]),
    Route(_OBJECT, _get, methods=["GET"]),
    Route(_OBJECT, _change, methods=["PUT", "PATCH"]),
    Route(_OBJECT, _delete, methods=["DELETE"]),
    Route(f"/download{_OBJECT}", _get, methods=["GET"]),
]
