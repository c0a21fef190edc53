"""Differences from what bootstrap/ declares: how each is made, which checks notice, and a word of the first."""

from collections.abc import Callable
from typing import Any

from emulators.google_cloud.policies import Policy
from infra.permissions import ATTRIBUTE_MAPPING
from rehearsal.emulated_vendors import EmulatedVendors

_DEPLOYER, _READER = (f"tiktok-dev-{role}@proj-1.iam.gserviceaccount.com" for role in ("deployer", "reader"))
_POOL = "projects/123456789012/locations/global/workloadIdentityPools/tiktok-login-dev"
_BUCKET = "proj-1-pulumi-dev"


def _without_member(policy: Policy, role: str, member: str = "") -> None:
    """Take a role away from ``member``, or from everybody."""
    for binding in policy.resource["bindings"]:
        if binding["role"] == role and member in ("", *binding["members"]):
            binding["members"] = []


def _grant(policy: Policy, role: str, member: str) -> None:
    policy.resource["bindings"].append({"role": role, "members": [member]})


def _account_policy(vendors: EmulatedVendors, email: str) -> Policy:
    return vendors.cloud.policies[f"projects/proj-1/serviceAccounts/{email}"]


def _change_provider(**changed: Any) -> Callable[[EmulatedVendors], None]:  # noqa: ANN401  # any field
    return lambda vendors: vendors.cloud.identity_pools[f"{_POOL}/providers/github"].update(changed)


def _change_bucket(**changed: Any) -> Callable[[EmulatedVendors], None]:  # noqa: ANN401  # any field
    return lambda vendors: vendors.cloud.buckets[_BUCKET].resource.update(changed)


def _change_key(primary: dict[str, str]) -> Callable[[EmulatedVendors], None]:
    return lambda vendors: next(iter(vendors.cloud.keys.values())).update(primary=primary)


def _change_scopes(change: Callable[[frozenset[str]], frozenset[str]]) -> Callable[[EmulatedVendors], None]:
    def changed(vendors: EmulatedVendors) -> None:
        grants = vendors.tenant.grants
        grants["id-of-dev-auth0-reader-client"] = change(grants["id-of-dev-auth0-reader-client"])

    return changed


Differences = dict[str, tuple[Callable[[EmulatedVendors], object], list[str], str]]
DIFFERENCES: Differences = {
    "an API is off": (
        lambda vendors: vendors.cloud.enabled.remove("sts.googleapis.com"),
        ["APIs of the workflows"],
        "Off: sts.googleapis.com.",
    ),
    "the API of the key is off": (
        lambda vendors: vendors.cloud.enabled.remove("cloudkms.googleapis.com"),
        ["APIs of the workflows", "key of the secrets"],
        "Off: cloudkms.googleapis.com.",
    ),
    "the pool was deleted": (
        lambda vendors: vendors.cloud.identity_pools[_POOL].update(state="DELETED"),
        ["GitHub is trusted", "service accounts"],
        "tiktok-login-dev is deleted.",
    ),
    "the provider is disabled": (
        _change_provider(disabled=True),
        ["GitHub is trusted"],
        "providers/github is disabled.",
    ),
    "the provider is gone": (
        lambda vendors: vendors.cloud.identity_pools.pop(f"{_POOL}/providers/github"),
        ["GitHub is trusted"],
        "(404): Requested entity was not found",
    ),
    "another issuer is trusted": (
        _change_provider(oidc={"issuerUri": "https://example.com"}),
        ["GitHub is trusted"],
        "The provider trusts https://example.com, not https://token.actions.githubusercontent.com.",
    ),
    "every repository is trusted": (
        _change_provider(attributeCondition="true"),
        ["GitHub is trusted"],
        "The provider's condition is not bootstrap's: true",
    ),
    "every job has the environment dev": (
        _change_provider(attributeMapping={**ATTRIBUTE_MAPPING, "attribute.environment": "'dev'"}),
        ["GitHub is trusted"],
        "The provider's attribute mapping is not bootstrap's:",
    ),
    "an account is gone": (
        lambda vendors: vendors.cloud.accounts.pop(_DEPLOYER),
        ["service accounts"],
        "(404): Unknown service account",
    ),
    "an account is disabled": (
        lambda vendors: vendors.cloud.accounts[_READER].update(disabled=True),
        ["service accounts"],
        f"{_READER} is disabled.",
    ),
    "an environment cannot use its account": (
        lambda vendors: _without_member(_account_policy(vendors, _DEPLOYER), "roles/iam.workloadIdentityUser"),
        ["service accounts"],
        f"{_DEPLOYER} cannot be used by principalSet://iam.googleapis.com/{_POOL}/attribute.environment/dev.",
    ),
    "previews can use the deploying account": (
        lambda vendors: _grant(
            _account_policy(vendors, _DEPLOYER),
            "roles/iam.workloadIdentityUser",
            f"principalSet://iam.googleapis.com/{_POOL}/attribute.environment/preview-dev",
        ),
        ["service accounts"],
        "attribute.environment/preview-dev.",
    ),
    "a role on the project is missing": (
        lambda vendors: _without_member(vendors.cloud.policies["projects/proj-1"], "roles/run.admin"),
        ["roles on the project"],
        f"Missing roles of {_DEPLOYER}: roles/run.admin.",
    ),
    "the bucket is gone": (
        lambda vendors: vendors.cloud.buckets.pop(_BUCKET),
        ["bucket of the state"],
        "The specified bucket does not exist.",
    ),
    "the bucket keeps no versions": (
        _change_bucket(versioning={"enabled": False}),
        ["bucket of the state"],
        f"{_BUCKET} keeps no old versions.",
    ),
    "the bucket can be opened": (
        _change_bucket(
            iamConfiguration={"publicAccessPrevention": "inherited", "uniformBucketLevelAccess": {"enabled": True}}
        ),
        ["bucket of the state"],
        f"{_BUCKET} can be opened to the public.",
    ),
    "a role on the bucket is missing": (
        lambda vendors: _without_member(
            vendors.cloud.policies[f"projects/_/buckets/{_BUCKET}"], "roles/storage.objectViewer"
        ),
        ["bucket of the state"],
        f"Missing roles of {_READER}: roles/storage.objectViewer.",
    ),
    "the key is disabled": (_change_key({"state": "DISABLED"}), ["key of the secrets"], "The key is disabled."),
    "the key has no version": (_change_key({}), ["key of the secrets"], "The key is without a version."),
    "a role on the key is missing": (
        lambda vendors: _without_member(
            vendors.cloud.policies[next(iter(vendors.cloud.keys))],
            "roles/cloudkms.cryptoKeyDecrypter",
            f"serviceAccount:{_DEPLOYER}",
        ),
        ["key of the secrets"],
        f"Missing roles of {_DEPLOYER}: roles/cloudkms.cryptoKeyDecrypter.",
    ),
    "an application is gone": (
        lambda vendors: vendors.tenant.clients.pop("id-of-dev-auth0-reader-client"),
        ["Auth0 applications"],
        "There is no application 'tiktok-login dev reader'.",
    ),
    "a scope is missing": (
        _change_scopes(lambda scopes: scopes - {"read:connections"}),
        ["Auth0 applications"],
        "Missing scopes of 'tiktok-login dev reader': read:connections.",
    ),
    "the reader may change connections": (
        _change_scopes(lambda scopes: scopes | {"update:connections"}),
        ["Auth0 applications"],
        "'tiktok-login dev reader' has more scopes than it needs: update:connections.",
    ),
}
