"""IAM v1: service accounts (https://docs.cloud.google.com/iam/docs/reference/rest/v1/projects.serviceAccounts)."""

import itertools
import re

from starlette.responses import JSONResponse

from emulators.google_cloud.errors import ApiError
from emulators.google_cloud.gate import Call, CloudRequest, read_json
from emulators.google_cloud.wire import JsonObject

_ACCOUNT_ID = re.compile(r"[a-z][-a-z0-9]{4,28}[a-z0-9]")
_MASKS = {"display_name": "displayName", "displayName": "displayName", "description": "description"}
_unique_ids = itertools.count(112345678901200000001)


def check_account_id(account_id: str) -> None:
    if not _ACCOUNT_ID.fullmatch(account_id):
        message = f"{account_id!r} is no account id: 6 to 30 lower-case letters, digits and hyphens."
        raise ApiError("INVALID_ARGUMENT", message)


def _account(request: CloudRequest) -> JsonObject:
    accounts, wanted = request.state["cloud"].accounts, request.path_params["account"]
    for account in accounts.values():
        if wanted in (account["email"], account["uniqueId"]):
            return account
    raise ApiError("NOT_FOUND", "Unknown service account")


async def _create(request: CloudRequest) -> JSONResponse:
    cloud, body = request.state["cloud"], await read_json(request)
    account_id, wanted = str(body.get("accountId", "")), body.get("serviceAccount", {})
    check_account_id(account_id)
    email, unique_id = f"{account_id}@{cloud.project}.iam.gserviceaccount.com", str(next(_unique_ids))
    if email in cloud.accounts:
        message = f"Service account {account_id} already exists within project projects/{cloud.project}."
        raise ApiError("ALREADY_EXISTS", message)
    cloud.accounts[email] = {
        "name": f"projects/{cloud.project}/serviceAccounts/{email}",
        "projectId": cloud.project,
        "uniqueId": unique_id,
        "email": email,
        "etag": "MDEwMjE5MjA=",
        "oauth2ClientId": unique_id,
    } | {name: wanted[name] for name in ("displayName", "description") if wanted.get(name)}
    return JSONResponse(cloud.accounts[email])


async def _get(request: CloudRequest) -> JSONResponse:
    return JSONResponse(_account(request))


async def _get_policy(request: CloudRequest) -> JSONResponse:
    return JSONResponse(request.state["cloud"].policy(_account(request)["name"]))


async def _patch(request: CloudRequest) -> JSONResponse:
    account, body = _account(request), await read_json(request)
    for mask in str(body.get("updateMask", "")).split(","):
        if mask not in _MASKS:
            message = f"{mask!r} cannot be updated: display_name and description can."
            raise ApiError("INVALID_ARGUMENT", message)
        account[_MASKS[mask]] = body.get("serviceAccount", {}).get(_MASKS[mask], "")
    return JSONResponse(account)


async def _delete(request: CloudRequest) -> JSONResponse:
    del request.state["cloud"].accounts[_account(request)["email"]]
    return JSONResponse({})


CALLS = [
    Call("POST", "/v1/projects/{project}/serviceAccounts", _create, "iam.serviceAccounts.create"),
    Call("GET", "/v1/projects/{project}/serviceAccounts/{account}", _get, "iam.serviceAccounts.get"),
    Call("PATCH", "/v1/projects/{project}/serviceAccounts/{account}", _patch, "iam.serviceAccounts.update"),
    Call("DELETE", "/v1/projects/{project}/serviceAccounts/{account}", _delete, "iam.serviceAccounts.delete"),
    Call(
        "POST",
        "/v1/projects/{project}/serviceAccounts/{account}:getIamPolicy",
        _get_policy,
        "iam.serviceAccounts.getIamPolicy",
    ),
]
