"""What has to hold at Auth0 and Google before a stack is deployed for the first time."""

from infra.permissions import DEPLOYER_SCOPES
from operations.verify.check import Check, hold
from operations.verify.stack import LiveStack

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


def _scopes(stack: LiveStack) -> str:
    """Compare what Auth0's token allows; where that is not told, at least read what a preview reads."""
    if stack.tenant.scopes is None:
        stack.tenant.call("GET", "clients?per_page=1&fields=client_id&include_fields=true")
        stack.tenant.connections()
        return "applications and connections can be read; what may be written, this way to log in does not tell."
    missing = DEPLOYER_SCOPES - stack.tenant.scopes
    hold(not missing, f"Auth0's token lacks {', '.join(sorted(missing))}.")
    return "all that a deployment uses."


def _billing(stack: LiveStack) -> str:
    info = stack.project.ask("billing", "/billingInfo")
    hold(info.get("billingEnabled"), f"Nobody pays for project {stack.project.name}.")
    return "enabled."


def _apis(stack: LiveStack) -> str:
    for api in _NEEDED_APIS:
        hold(stack.project.ask("services", f"/services/{api}").get("state") == "ENABLED", f"{api} is off.")
    return f"{', '.join(_NEEDED_APIS)}; the rest is enabled by the deployment."


def _permissions(stack: LiveStack) -> str:
    granted = stack.project.ask("projects", ":testIamPermissions", {"permissions": list(_PERMISSIONS)})
    missing = [permission for permission in _PERMISSIONS if permission not in granted.get("permissions", [])]
    hold(not missing, f"Whoever deploys lacks {', '.join(missing)}.")
    return "all that a deployment uses."


def _deploy_without_build(stack: LiveStack) -> str:
    """Have Cloud Run validate, and not make, a service that runs an archive on the stack's base image."""
    if image := stack.setting("image"):
        return f"not needed: the stack runs {image}."
    hold(stack.project.region, "gcp:region is not set.")
    container = {
        "image": "scratch",
        "baseImageUri": stack.setting("runtime"),
        "sourceCode": {"cloudStorageSource": {"bucket": f"{stack.project.name}-preflight", "object": "none.tar.gz"}},
        "command": ["python"],
        "args": ["-m", "proxy_app"],
    }
    services = f"/locations/{stack.project.region}/services"
    body = {"template": {"containers": [container]}}
    stack.project.ask("run", services, body, serviceId="token-proxy-preflight", validateOnly="true")
    return f"accepted on {stack.setting('runtime')}."


PREFLIGHT = (
    Check(
        name="Auth0 scopes",
        remedy="Auth0's dashboard, APIs, Auth0 Management API, Machine to Machine Applications: grant them to the "
        "application of auth0:clientId.",
        probe=_scopes,
    ),
    Check(
        name="billing",
        remedy="Link a billing account: gcloud billing projects link. "
        "To be asked, cloudbilling.googleapis.com must be on.",
        probe=_billing,
    ),
    Check(name="APIs", remedy="Enable it once by hand: gcloud services enable.", probe=_apis),
    Check(
        name="permissions",
        remedy="Give whoever deploys the five roles that docs/getting-started.md names, or these permissions.",
        probe=_permissions,
    ),
    Check(
        name="deploy without a build",
        remedy="Where run.googleapis.com is off yet, enable it by hand and ask again. Where Cloud Run refuses the "
        "source or the base image, set image: to a container image that serves on $PORT.",
        probe=_deploy_without_build,
    ),
)
