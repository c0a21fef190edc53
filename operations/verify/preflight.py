"""Checks of the accounts at Auth0 and Google before the first deployment of a stack."""

from infra.permissions import DEPLOYER_SCOPES
from infra.vendor_rules import THIS_PYTHON, base_image
from operations.errors import require
from operations.stack import LiveStack
from operations.verify.check import Check
from operations.verify.live import AUTH0_LOGIN

# One of each role that docs/getting-started.md asks for.
_PERMISSIONS = (
    "run.services.create",
    "run.services.setIamPolicy",
    "storage.buckets.create",
    "iam.serviceAccounts.create",
    "iam.serviceAccounts.actAs",
    "serviceusage.services.enable",
)
_NEEDED_APIS = ("cloudresourcemanager.googleapis.com",)


def _check_google_login(stack: LiveStack) -> str:
    return f"acts as {stack.google.identity}."


def _check_scopes(stack: LiveStack) -> str:
    """Compare the granted scopes. If the login does not tell them, read what a preview reads."""
    if stack.auth0.scopes is None:
        stack.auth0.call("GET", "clients?per_page=1&fields=client_id&include_fields=true")
        stack.auth0.custom_connections()
        return "applications and connections can be read; this login does not tell what it may write."
    missing = sorted(DEPLOYER_SCOPES - stack.auth0.scopes)
    require(not missing, f"Missing scopes: {', '.join(missing)}.")
    return "all that a deployment uses."


def _check_billing(stack: LiveStack) -> str:
    info = stack.google.call("billing", "/billingInfo")
    require(info.get("billingEnabled"), f"Project {stack.google.name} has no billing account.")
    return "enabled."


def _check_apis(stack: LiveStack) -> str:
    for api in _NEEDED_APIS:
        require(stack.google.call("services", f"/services/{api}").get("state") == "ENABLED", f"{api} is off.")
    return f"{', '.join(_NEEDED_APIS)}; the deployment enables the others."


def _check_permissions(stack: LiveStack) -> str:
    granted = stack.google.call("projects", ":testIamPermissions", {"permissions": list(_PERMISSIONS)})
    missing = [permission for permission in _PERMISSIONS if permission not in granted.get("permissions", [])]
    require(not missing, f"Missing permissions: {', '.join(missing)}.")
    return "all that a deployment uses."


def _check_deploy_without_build(stack: LiveStack) -> str:
    """Let Cloud Run validate a service that runs an archive on the stack's base image, without creating it."""
    if image := stack.setting("image"):
        return f"not needed: the stack runs {image}."
    require(stack.google.region, "gcp:region is not set.")
    runtime = stack.setting("runtime") or THIS_PYTHON
    container = {
        "image": "scratch",
        "baseImageUri": base_image(stack.google.region, runtime),
        "sourceCode": {"cloudStorageSource": {"bucket": f"{stack.google.name}-preflight", "object": "none.tar.gz"}},
        "command": ["python"],
        "args": ["-m", "proxy_app"],
    }
    services = f"/locations/{stack.google.region}/services"
    body = {"template": {"containers": [container]}}
    stack.google.call("run", services, body, serviceId="token-proxy-preflight", validateOnly="true")
    return f"accepted on {runtime}."


PREFLIGHT = (
    AUTH0_LOGIN,
    Check(
        name="Auth0 scopes",
        remedy="Open APIs, Auth0 Management API, Machine to Machine Applications in Auth0's dashboard, and grant them "
        "to the application of auth0:clientId.",
        probe=_check_scopes,
    ),
    Check(
        name="Google login",
        remedy="Set the provider's credentials (gcp:credentials, gcp:impersonateServiceAccount, or their variables), "
        "or run gcloud auth application-default login.",
        probe=_check_google_login,
    ),
    Check(
        name="billing",
        remedy="Link a billing account: gcloud billing projects link. This check needs cloudbilling.googleapis.com.",
        probe=_check_billing,
    ),
    Check(name="APIs", remedy="Enable it once: gcloud services enable.", probe=_check_apis),
    Check(
        name="permissions",
        remedy="Grant the deployer the five roles that docs/getting-started.md names, or these permissions.",
        probe=_check_permissions,
    ),
    Check(
        name="deploy without a build",
        remedy="If run.googleapis.com is off, enable it and check again. If Cloud Run refuses the source or the base "
        "image, set image to a container image that serves on $PORT.",
        probe=_check_deploy_without_build,
    ),
)
