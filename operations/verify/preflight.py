"""Checks of the accounts at Auth0 and Google before the first deployment of a stack."""

from collections.abc import Mapping
from typing import Any, cast

from infra.archive.cache import LINUX_X86_64
from infra.cloud_run_container import Workload, archive_container, service_arguments
from infra.cloud_run_settings import PublicAccess, ResolvedHosting
from infra.permissions import DEPLOYER_SCOPES
from infra.vendor_rules import THIS_PYTHON, ServiceSize, google_name
from operations.errors import OperationError, require
from operations.stack import LiveStack
from operations.verify.check import check
from operations.verify.live import check_auth0_login

# The roles in infra/permissions.py hold all of these. A custom role may lack one.
_PERMISSIONS = (
    "run.services.create",
    "run.services.update",
    "run.services.setIamPolicy",
    "storage.buckets.create",
    "storage.buckets.update",
    "storage.objects.create",
    "storage.objects.get",
    "iam.serviceAccounts.create",
    "iam.serviceAccounts.actAs",
    "serviceusage.services.enable",
    "serviceusage.services.list",
)
# The arguments that the REST API calls otherwise.
_REST_NAMES = {"envs": "env", "commands": "command"}
_NEEDED_APIS = ("cloudresourcemanager.googleapis.com",)


@check(
    "Google login",
    remedy="Set the provider's credentials (gcp:credentials, gcp:impersonateServiceAccount, or their variables), "
    "or run gcloud auth application-default login.",
)
def _check_google_login(stack: LiveStack) -> str:
    return f"acts as {stack.google.identity}."


@check(
    "Auth0 scopes",
    remedy="Open APIs, Auth0 Management API, Machine to Machine Applications in Auth0's dashboard, and grant them "
    "to the application of auth0:clientId.",
)
def _check_scopes(stack: LiveStack) -> str:
    """Compare the granted scopes. If the login does not show them, read what a preview reads."""
    if stack.auth0.scopes is None:
        stack.auth0.call("GET", "clients?per_page=1&fields=client_id&include_fields=true")
        stack.auth0.custom_connections()
        return "applications and connections can be read; this login does not show what it may write."
    missing = sorted(DEPLOYER_SCOPES - stack.auth0.scopes)
    require(not missing, f"Missing scopes: {', '.join(missing)}.")
    return "all that a deployment uses."


@check("billing", remedy="Link an account: gcloud billing projects link. This check needs cloudbilling.googleapis.com.")
def _check_billing(stack: LiveStack) -> str:
    info = stack.google.call("billing", "/billingInfo")
    require(info.get("billingEnabled"), f"Project {stack.google.name} has no billing account.")
    return "enabled."


@check("APIs", remedy="Run gcloud services enable with each API that the line names.")
def _check_apis(stack: LiveStack) -> str:
    for api in _NEEDED_APIS:
        require(stack.google.call("services", f"/services/{api}").get("state") == "ENABLED", f"{api} is off.")
    return f"{', '.join(_NEEDED_APIS)}; the deployment enables the others."


@check("permissions", remedy="Grant the deployer the roles on the project in docs/reference.md, or these permissions.")
def _check_permissions(stack: LiveStack) -> str:
    granted = stack.google.call("projects", ":testIamPermissions", {"permissions": list(_PERMISSIONS)})
    missing = [permission for permission in _PERMISSIONS if permission not in granted.get("permissions", [])]
    require(not missing, f"Missing permissions: {', '.join(missing)}.")
    return "all that a deployment uses."


@check(
    "deploy without a build",
    remedy="If run.googleapis.com is off, enable it and check again. If Cloud Run refuses the source or the base "
    "image, set image to a container image that serves on $PORT.",
)
def _check_deploy_without_build(stack: LiveStack) -> str:
    """Let Cloud Run validate the program's own service, without creating it.

    Its archive and its service account do not exist before the first deployment: the account is left out, and a refusal
    that names the bucket is expected.
    """
    if image := stack.setting("image"):
        return f"not needed: the stack runs {image}."
    require(stack.google.region, "gcp:region is not set.")
    hosting = _hosting(stack)
    bucket = google_name(f"{stack.google.name}-tiktok-proxy-{stack.name}", 63)
    workload = Workload(package="proxy_app", title="", environment={}, health_path="/health")
    code = archive_container(workload, hosting, bucket, "preflight.tar.gz")
    body = _to_rest(service_arguments(code, workload, hosting))
    try:
        services = f"/locations/{stack.google.region}/services"
        stack.google.call("run", services, body, serviceId="tiktok-proxy-preflight", validateOnly="true")
    except OperationError as error:
        require(bucket in str(error), str(error))
        return f"Cloud Run looked for the archive on {hosting.runtime}, which the deployment uploads."
    return f"accepted on {hosting.runtime}."


def _hosting(stack: LiveStack) -> ResolvedHosting:
    keys = {"min_instances": "minInstances", "max_instances": "maxInstances", "concurrency": "concurrency"}
    numbers = {name: _whole_number(stack, key) for name, key in keys.items()}
    is_open_to_all = stack.setting("publicAccess") == PublicAccess.ALL_USERS.value
    return ResolvedHosting(
        project=stack.google.name,
        project_argument=None,
        region=stack.google.region,
        runtime=stack.setting("runtime") or THIS_PYTHON,
        size=ServiceSize(**numbers, cpu=stack.setting("cpu"), memory=stack.setting("memory")),
        public_access=PublicAccess.ALL_USERS if is_open_to_all else PublicAccess.INVOKER_IAM_DISABLED,
        protect=False,
        platform=LINUX_X86_64,
    )


def _whole_number(stack: LiveStack, key: str) -> int:
    text = stack.setting(key)
    require(text.isdecimal(), f"{key} is {text!r}: it takes a whole number.")
    return int(text)


def _to_rest(arguments: object) -> Any:  # noqa: ANN401  # any JSON
    """Spell the provider's arguments as Cloud Run's REST API does."""
    if isinstance(arguments, Mapping):
        given = cast("Mapping[str, object]", arguments)
        spelled = {_rest_name(name): _to_rest(value) for name, value in given.items() if value is not None}
        # A container has one port, which the REST API takes as a list.
        return spelled | {"ports": [spelled["ports"]]} if "ports" in spelled else spelled
    return [_to_rest(each) for each in cast("list[object]", arguments)] if isinstance(arguments, list) else arguments


def _rest_name(name: str) -> str:
    first, *others = _REST_NAMES.get(name, name).split("_")
    return first + "".join(other.capitalize() for other in others)


PREFLIGHT = (
    check_auth0_login,
    _check_scopes,
    _check_google_login,
    _check_billing,
    _check_apis,
    _check_permissions,
    _check_deploy_without_build,
)
