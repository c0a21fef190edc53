"""Checks of what bootstrap/ creates for a stack's GitHub workflows, as far as the login may read it."""

import os
import re
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

from infra.permissions import (
    ACCOUNT_ROLE,
    APIS,
    ATTRIBUTE_MAPPING,
    CONDITION,
    DEPLOYER,
    GITHUB_ISSUER,
    PROVIDER_ID,
    READER,
    Access,
    StackNames,
)
from operations.errors import NotPermittedError, OperationError, require
from operations.stack import LiveStack
from operations.verify.check import Check

_ACCESSES = (DEPLOYER, READER)
_CONDITION = re.compile(
    re.escape(" && ".join(CONDITION))
    .replace(r"\{repository_id\}", r"(?P<repository_id>\d+)")
    .replace(r"\{owner\}", r"(?P<owner>[^']+)")
    .replace(r"\{environments\}", r"\[(?P<environments>[^]]*)\]")
)
# Variables of a job in GitHub Actions, by the claim of its token.
_VARIABLES = {"repository_id": "GITHUB_REPOSITORY_ID", "owner": "GITHUB_REPOSITORY_OWNER"}

_AGAIN = "Run pulumi up --refresh in bootstrap/."


def bootstrap_checks(stack: LiveStack) -> Sequence[Check]:
    """Return the checks of a stack that bootstrap/ has set up; for any other stack, one that says that it has not."""
    is_set_up = f"/keyRings/{_names(stack).pool}/" in stack.secrets_provider
    return BOOTSTRAP if is_set_up else (Check(name="bootstrap", remedy="", probe=_say_not_set_up),)


def _names(stack: LiveStack) -> StackNames:
    return StackNames(stack=stack.name.rpartition("/")[2], project=stack.google.name)


def _say_not_set_up(stack: LiveStack) -> str:
    return f"not checked: bootstrap/ did not set up {stack.name}, because its key does not encrypt the stack's secrets."


def _probe_if_permitted(probe: Callable[[LiveStack], str], stack: LiveStack) -> str:
    """Let a check hold if the login may not read what it needs, as a deployer may not read the project's roles."""
    try:
        return probe(stack)
    except NotPermittedError as error:
        return f"not checked, since this login may not read it. {error}"


def _check(name: str, *, remedy: str) -> Callable[[Callable[[LiveStack], str]], Check]:
    return lambda probe: Check(name=name, remedy=remedy, probe=partial(_probe_if_permitted, probe))


@_check("APIs of the workflows", remedy=f"{_AGAIN} Or enable them: gcloud services enable.")
def _check_apis(stack: LiveStack) -> str:
    states = {f"{api}.googleapis.com": stack.google.call("services", f"/services/{api}.googleapis.com") for api in APIS}
    off = [api for api, service in states.items() if service.get("state") != "ENABLED"]
    require(not off, f"Off: {', '.join(off)}.")
    return "all that the workflows use."


def _read_pool(stack: LiveStack, provider: str = "") -> dict[str, Any]:
    """Return the pool, or its ``provider``, or raise ``OperationError`` unless it is active."""
    found = stack.google.call("iam", f"/locations/global/workloadIdentityPools/{_names(stack).pool}{provider}")
    state = "disabled" if found.get("disabled") else str(found.get("state")).lower()
    require(state == "active", f"{found['name']} is {state}.")
    return found


@_check(
    "GitHub is trusted",
    remedy=f"{_AGAIN} A deleted pool or provider has to be restored first: gcloud iam workload-identity-pools "
    "undelete, or gcloud iam workload-identity-pools providers undelete.",
)
def _check_trust(stack: LiveStack) -> str:
    """Check whom the provider trusts. In GitHub Actions, also compare that with the repository of the job."""
    _read_pool(stack)
    provider = _read_pool(stack, f"/providers/{PROVIDER_ID}")
    issuer, condition = provider.get("oidc", {}).get("issuerUri"), provider.get("attributeCondition", "none")
    require(issuer == GITHUB_ISSUER, f"The provider trusts {issuer}, not {GITHUB_ISSUER}.")
    mapping = provider.get("attributeMapping")
    require(mapping == ATTRIBUTE_MAPPING, f"The provider's attribute mapping is not bootstrap's: {mapping}")
    trusted = _CONDITION.fullmatch(condition)
    if trusted is None:
        raise OperationError(f"The provider's condition is not bootstrap's: {condition}")
    for claim, variable in _VARIABLES.items():
        own = os.environ.get(variable, trusted[claim])
        require(trusted[claim] == own, f"The provider trusts {claim} {trusted[claim]}, and {variable} is {own}.")
    return f"repository {trusted['repository_id']} of {trusted['owner']}, in {trusted['environments']}."


@_check(
    "service accounts", remedy=f"{_AGAIN} Remove anybody else: gcloud iam service-accounts remove-iam-policy-binding."
)
def _check_accounts(stack: LiveStack) -> str:
    names, pool = _names(stack), _read_pool(stack)["name"]
    for access in _ACCESSES:
        path = f"/serviceAccounts/{names.account_email(access)}"
        account = stack.google.call("iam", path)
        require(not account.get("disabled"), f"{account['email']} is disabled.")
        users = _members(stack.google.call("iam", f"{path}:getIamPolicy", {}), ACCOUNT_ROLE)
        prefix = f"principalSet://iam.googleapis.com/{pool}/attribute.environment/"
        first, *others = (f"{prefix}{environment}" for environment in names.environments(access))
        require(first in users, f"{account['email']} cannot be used by {first}.")
        strangers = sorted(users - {first, *others})
        require(not strangers, f"{account['email']} can also be used by {', '.join(strangers)}.")
    return "each can be used from its own environments only."


@_check("roles on the project", remedy=_AGAIN)
def _check_project_roles(stack: LiveStack) -> str:
    policy = stack.google.call("projects", ":getIamPolicy", {})
    return _require_roles(stack, policy, lambda access: access.project_roles)


@_check(
    "bucket of the state",
    remedy=f"{_AGAIN} If the bucket is gone, so is the state: restore it within seven days (gcloud storage restore).",
)
def _check_state(stack: LiveStack) -> str:
    path = f"b/{_names(stack).state_bucket}"
    bucket = stack.google.call_resource("storage", path)
    require(bucket.get("versioning", {}).get("enabled"), f"{bucket['name']} keeps no old versions.")
    access = bucket["iamConfiguration"]
    is_closed = access.get("publicAccessPrevention") == "enforced" and access["uniformBucketLevelAccess"]["enabled"]
    require(is_closed, f"{bucket['name']} can be opened to the public.")
    policy = stack.google.call_resource("storage", f"{path}/iam")
    return _require_roles(stack, policy, lambda access: access.bucket_roles)


@_check(
    "key of the secrets",
    remedy=f"Enable the key's version again, or restore it before its destruction (gcloud kms keys versions). {_AGAIN}",
)
def _check_key(stack: LiveStack) -> str:
    path = stack.secrets_provider.removeprefix("gcpkms://")
    state = stack.google.call_resource("kms", path).get("primary", {}).get("state", "without a version")
    require(state == "ENABLED", f"The key is {state.lower()}.")
    policy = stack.google.call_resource("kms", f"{path}:getIamPolicy")
    return _require_roles(stack, policy, lambda access: access.key_roles)


def _require_roles(stack: LiveStack, policy: dict[str, Any], wanted: Callable[[Access], Iterable[str]]) -> str:
    for access in _ACCESSES:
        email = _names(stack).account_email(access)
        missing = [role for role in wanted(access) if f"serviceAccount:{email}" not in _members(policy, role)]
        require(not missing, f"Missing roles of {email}: {', '.join(missing)}.")
    return "both accounts have their roles."


def _members(policy: dict[str, Any], role: str) -> set[str]:
    return {each for binding in policy.get("bindings", []) if binding["role"] == role for each in binding["members"]}


@_check("Auth0 applications", remedy=f"{_AGAIN} Take away other scopes under Applications, APIs in Auth0's dashboard.")
def _check_applications(stack: LiveStack) -> str:
    applications = stack.auth0.machine_applications()
    for access in _ACCESSES:
        name = _names(stack).application(access)
        require(name in applications, f"There is no application {name!r}.")
        granted = stack.auth0.granted_scopes(applications[name])
        missing, others = sorted(access.scopes.keys() - granted), sorted(granted - access.scopes.keys())
        require(not missing, f"Missing scopes of {name!r}: {', '.join(missing)}.")
        require(not others, f"{name!r} has more scopes than it needs: {', '.join(others)}.")
    return "both have exactly their scopes."


BOOTSTRAP = (
    _check_apis,
    _check_trust,
    _check_accounts,
    _check_project_roles,
    _check_state,
    _check_key,
    _check_applications,
)
"""Checks of a stack that bootstrap/ has set up."""
