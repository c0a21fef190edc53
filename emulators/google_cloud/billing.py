"""Cloud Billing v1: whether somebody pays for the project."""

from starlette.responses import JSONResponse
from starlette.routing import Route

from emulators.google_cloud.gate import Asked


async def _get(request: Asked) -> JSONResponse:
    cloud = request.state["cloud"]
    info = {
        "name": f"projects/{cloud.project}/billingInfo",
        "projectId": cloud.project,
        "billingAccountName": "billingAccounts/012345-567890-ABCDEF" if cloud.billing_enabled else "",
        "billingEnabled": cloud.billing_enabled,
    }
    return JSONResponse(info)


ROUTES = [Route("/v1/projects/{project}/billingInfo", _get, methods=["GET"])]
