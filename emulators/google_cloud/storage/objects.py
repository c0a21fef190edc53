"""Objects and their generations (https://docs.cloud.google.com/storage/docs/json_api/v1/objects)."""

from http import HTTPStatus

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from emulators.google_cloud.gate import Asked
from emulators.google_cloud.storage.buckets import bucket_of

_OBJECT = "/storage/v1/b/{bucket}/o/{object:path}"


async def _get(request: Asked) -> Response:
    stored = bucket_of(request).version(request.path_params["object"], request.query_params.get("generation"))
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


async def _delete(request: Asked) -> Response:
    bucket_of(request).delete(request.path_params["object"], request.query_params.get("generation"))
    return Response(status_code=HTTPStatus.NO_CONTENT)


ROUTES = [
    Route("/storage/v1/b/{bucket}/o", _list, methods=["GET"]),
    Route(_OBJECT, _get, methods=["GET"]),
    Route(_OBJECT, _delete, methods=["DELETE"]),
    Route(f"/download{_OBJECT}", _get, methods=["GET"]),
]
