"""Reads of what lets GitHub's workflows in: workload identity pools of IAM v1, and keys of Cloud KMS v1.

https://docs.cloud.google.com/iam/docs/reference/rest/v1/projects.locations.workloadIdentityPools and
https://docs.cloud.google.com/kms/docs/reference/rest/v1/projects.locations.keyRings.cryptoKeys
"""

from starlette.responses import JSONResponse

from emulators.google_cloud.errors import ApiError
from emulators.google_cloud.gate import Call, CloudRequest

_POOLS = "/v1/projects/{project}/locations/{location}/workloadIdentityPools"
_KEY = "/v1/projects/{project}/locations/{location}/keyRings/{ring}/cryptoKeys/{key}"


async def _get_pool(request: CloudRequest) -> JSONResponse:
    """Return a pool or a provider. One that was deleted stays for 30 days, with its state."""
    cloud = request.state["cloud"]
    name = request.url.path.removeprefix("/v1/").replace(
        f"projects/{cloud.project}/", f"projects/{cloud.project_number}/"
    )
    if name not in cloud.identity_pools:
        raise ApiError("NOT_FOUND", f"Requested entity was not found: {name}")
    return JSONResponse(cloud.identity_pools[name])


def _find_key(request: CloudRequest) -> str:
    name = request.url.path.removeprefix("/v1/").partition(":")[0]
    if name not in request.state["cloud"].keys:
        raise ApiError("NOT_FOUND", f"CryptoKey {name} not found.")
    return name


async def _get_key(request: CloudRequest) -> JSONResponse:
    return JSONResponse(request.state["cloud"].keys[_find_key(request)])


async def _get_key_policy(request: CloudRequest) -> JSONResponse:
    return JSONResponse(request.state["cloud"].policy(_find_key(request)))


POOLS = [
    Call("GET", f"{_POOLS}/{{pool}}", _get_pool, "iam.workloadIdentityPools.get"),
    Call("GET", f"{_POOLS}/{{pool}}/providers/{{provider}}", _get_pool, "iam.workloadIdentityPoolProviders.get"),
]
KEYS = [
    # The path of the key alone would match this one, too.
    Call("GET", f"{_KEY}:getIamPolicy", _get_key_policy, "cloudkms.cryptoKeys.getIamPolicy"),
    Call("GET", _KEY, _get_key, "cloudkms.cryptoKeys.get"),
]
