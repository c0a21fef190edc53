"""What has to hold at Auth0 and Google before a stack is deployed for the first time."""

import os
import shutil
import subprocess
from typing import Any

from infra.verify.check import Check, Failed, hold
from infra.verify.client import client, fields
from infra.verify.stack import LiveStack

# What the README asks of the Auth0 application that deploys.
DEPLOYER_SCOPES = frozenset(
    {
        "read:clients",
        "create:connections",
        "read:connections",
        "update:connections",
        "delete:connections",
        "read:connections_options",
        "update:connections_options",
    }
)
# One of each role that the README asks for.
_PERMISSIONS = (
    "run.services.create",
    "run.services.setIamPolicy",
    "storage.buckets.create",
    "iam.serviceAccounts.create",
    "iam.serviceAccounts.actAs",
    "serviceusage.services.enable",
)
_NEEDED_APIS = ("cloudresourcemanager.googleapis.com",)
_SECONDS = 60


def _token(stack: LiveStack) -> str:
    """Return an access token for Google's APIs: the stack's own, the environment's, or else that of the gcloud CLI."""
    if known := stack.setting("gcp:accessToken", "GOOGLE_OAUTH_ACCESS_TOKEN"):
        return known
    command = shutil.which("gcloud")
    hold(command, "There is no gcloud CLI on PATH, and no GOOGLE_OAUTH_ACCESS_TOKEN.")
    asked = [command or "", "auth", "application-default", "print-access-token"]
    answer = subprocess.run(asked, capture_output=True, text=True, timeout=_SECONDS, check=False)  # noqa: S603  # fixed arguments
    hold(answer.returncode == 0, "gcloud gives no access token.")
    return answer.stdout.strip()


def _google(stack: LiveStack, api: str, path: str, body: object = None, **query: str) -> dict[str, Any]:
    """Return what one of Google's APIs answers, at the provider's endpoint for it, or raise ``Failed``."""
    key, usual = _ENDPOINTS[api]
    headers = {"Authorization": f"Bearer {_token(stack)}"}
    with client() as google:
        url = f"{stack.setting(key) or usual}{path}"
        answer = google.request("GET" if body is None else "POST", url, headers=headers, params=query, json=body)
    if answer.is_error:
        reason = fields(answer).get("error", {}).get("message", "no reason")
        raise Failed(f"Google refuses {path} ({answer.status_code}): {reason}")
    return fields(answer)


_ENDPOINTS = {
    "billing": ("gcp:cloudBillingCustomEndpoint", "https://cloudbilling.googleapis.com/v1/"),
    "projects": ("gcp:resourceManagerCustomEndpoint", "https://cloudresourcemanager.googleapis.com/v1/"),
    "run": ("gcp:cloudRunV2CustomEndpoint", "https://run.googleapis.com/v2/"),
    "services": ("gcp:serviceUsageCustomEndpoint", "https://serviceusage.googleapis.com/v1/"),
}


def _project(stack: LiveStack) -> str:
    project = stack.setting("gcp:project", "GOOGLE_PROJECT") or os.environ.get("GOOGLE_CLOUD_PROJECT", "")
    hold(project, "gcp:project is not set.")
    return project


def _scopes(stack: LiveStack) -> str:
    missing = DEPLOYER_SCOPES - stack.tenant.scopes
    hold(not missing, f"Auth0's token lacks {', '.join(sorted(missing))}.")
    return "all that a deployment uses."


def _billing(stack: LiveStack) -> str:
    info = _google(stack, "billing", f"projects/{_project(stack)}/billingInfo")
    hold(info.get("billingEnabled"), f"Nobody pays for project {_project(stack)}.")
    return "enabled."


def _apis(stack: LiveStack) -> str:
    for api in _NEEDED_APIS:
        known = _google(stack, "services", f"projects/{_project(stack)}/services/{api}")
        hold(known.get("state") == "ENABLED", f"{api} is off.")
    return f"{', '.join(_NEEDED_APIS)}; the rest is enabled by the deployment."


def _permissions(stack: LiveStack) -> str:
    asked = {"permissions": list(_PERMISSIONS)}
    answer = _google(stack, "projects", f"projects/{_project(stack)}:testIamPermissions", asked)
    missing = [permission for permission in _PERMISSIONS if permission not in answer.get("permissions", [])]
    hold(not missing, f"Whoever deploys lacks {', '.join(missing)}.")
    return "all that a deployment uses."


def _deploy_without_build(stack: LiveStack) -> str:
    """Have Cloud Run validate, and not make, a service that runs an archive on the stack's base image."""
    if image := stack.setting("image"):
        return f"not needed: the stack runs {image}."
    container = {
        "image": "scratch",
        "baseImageUri": stack.setting("runtime"),
        "sourceCode": {"cloudStorageSource": {"bucket": f"{_project(stack)}-preflight", "object": "none.tar.gz"}},
        "command": ["python"],
        "args": ["-m", "proxy_app"],
    }
    region = stack.setting("gcp:region", "GOOGLE_REGION")
    parent = f"projects/{_project(stack)}/locations/{region}/services"
    body = {"template": {"containers": [container]}}
    _google(stack, "run", parent, body, serviceId="token-proxy-preflight", validateOnly="true")
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
        remedy="Grant the five roles that the README names to whoever deploys, or a role that holds these permissions.",
        probe=_permissions,
    ),
    Check(
        name="deploy without a build",
        remedy="Where run.googleapis.com is off yet, enable it by hand and ask again. Where Cloud Run refuses the "
        "source or the base image, set image: to a container image that serves on $PORT.",
        probe=_deploy_without_build,
    ),
)
