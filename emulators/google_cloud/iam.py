"""IAM v1: service accounts (https://docs.cloud.google.com/iam/docs/reference/rest/v1/projects.serviceAccounts)."""

import itertools
import re

from starlette.responses import JSONResponse
from starlette.routing import Route

from emulators.google_cloud.errors import AlreadyExists, InvalidArgument, JsonObject, NotFound
from emulators.google_cloud.gate import Asked, json_body

_ACCOUNT_ID = re.compile(r"[a-z][-a-z0-9]{4,28}[a-z0-9]")
_MASKS = {"display_name": "displayName", "displayName": "displayName", "description": "description"}
_unique_ids = itertools.count(112345678901200000001)


def _account(request: Asked) -> JsonObject:
    accounts, asked = request.state["cloud"].accounts, request.path_params["account"]
    for account in accounts.values():
        if asked in (account["email"], account["uniqueId"]):
            return account
    raise NotFound("Unknown service account")


async def _create(request: Asked) -> JSONResponse:
    cloud, body = request.state["cloud"], await json_body(request)
    account_id, wanted = str(body.get("accountId", "")), body.get("serviceAccount", {})
    if not _ACCOUNT_ID.fullmatch(account_id):
        raise InvalidArgument(f"{account_id!r} is no account id: 6 to 30 lower-case letters, digits and hyphens.")
    email, unique_id = f"{account_id}@{cloud.project}.iam.gserviceaccount.com", str(next(_unique_ids))
    if email in cloud.accounts:
        raise AlreadyExists(f"Service account {account_id} already exists within project projects/{cloud.project}.")
    cloud.accounts[email] = {
        "name": f"projects/{cloud.project}/serviceAccounts/{email}",
        "projectId": cloud.project,
        "uniqueId": unique_id,
        "email": email,
        "etag": "MDEwMjE5MjA=",
        "oauth2ClientId": unique_id,
    } | {name: wanted[name] for name in ("displayName", "description") if wanted.get(name)}
    return JSONResponse(cloud.accounts[email])


async def _list(request: Asked) -> JSONResponse:
    accounts = list(request.state["cloud"].accounts.values())
    return JSONResponse({"accounts": accounts} if accounts else {})


async def _get(request: Asked) -> JSONResponse:
    return JSONResponse(_account(request))


async def _patch(request: Asked) -> JSONResponse:
    account, body = _account(request), await json_body(request)
    for mask in str(body.get("updateMask", "")).split(","):
        if mask not in _MASKS:
            raise InvalidArgument(f"{mask!r} cannot be updated: display_name and description can.")
        account[_MASKS[mask]] = body.get("serviceAccount", {}).get(_MASKS[mask], "")
    return JSONResponse(account)


async def _enable(request: Asked) -> JSONResponse:
    _account(request).pop("disabled", None)
    return JSONResponse({})


async def _disable(request: Asked) -> JSONResponse:
    _account(request)["disabled"] = True
    return JSONResponse({})


async def _delete(request: Asked) -> JSONResponse:
    del request.state["cloud"].accounts[_account(request)["email"]]
    return JSONResponse({})


ROUTES = [
    Route("/v1/projects/{project}/serviceAccounts", _create, methods=["POST"]),
    Route("/v1/projects/{project}/serviceAccounts", _list, methods=["GET"]),
    Route("/v1/projects/{project}/serviceAccounts/{account}:enable", _enable, methods=["POST"]),
    Route("/v1/projects/{project}/serviceAccounts/{account}:disable", _disable, methods=["POST"]),
    Route("/v1/projects/{project}/serviceAccounts/{account}", _get, methods=["GET"]),
    Route("/v1/projects/{project}/serviceAccounts/{account}", _patch, methods=["PATCH"]),
    Route("/v1/projects/{project}/serviceAccounts/{account}", _delete, methods=["DELETE"]),
]
