"""The preflight accepts what bootstrap/ declares, and notices each thing that differs from it."""

from collections.abc import Callable, Generator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from emulators.google_cloud.callers import Caller
from emulators.google_cloud.policies import Policy
from infra.permissions import ATTRIBUTE_MAPPING, DEPLOYER_ROLES, DEPLOYER_SCOPES
from operations.stack import LiveStack
from operations.verify.bootstrapped import BOOTSTRAP, bootstrap_checks
from operations.verify.check import Finding, run_checks
from rehearsal.emulated_vendors import EmulatedVendors, emulated_vendors
from tests.support.bootstrap import REPOSITORY_ID, create_in
from tests.support.schemas import auth0, google

_DEPLOYER, _READER = (f"tiktok-dev-{role}@proj-1.iam.gserviceaccount.com" for role in ("deployer", "reader"))
_POOL = "projects/123456789012/locations/global/workloadIdentityPools/tiktok-login-dev"
_BUCKET = "proj-1-pulumi-dev"


@pytest.fixture(name="served", scope="module")
def served_vendors() -> Generator[EmulatedVendors]:
    with emulated_vendors() as vendors:
        yield vendors
        assert google.violations(vendors.cloud.received) == []
        assert auth0.violations(vendors.tenant.received) == []


@pytest.fixture(name="vendors")
def empty_vendors(served: EmulatedVendors, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> EmulatedVendors:
    """Return emulators without anything, for somebody who owns the project and may read Auth0's grants."""
    for variable in ("GITHUB_REPOSITORY_ID", "GITHUB_REPOSITORY_OWNER"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("SSL_CERT_FILE", str(served.authority.write_bundle(tmp_path / "certificates.pem")))
    cloud = served.cloud
    for held in (cloud.accounts, cloud.buckets, cloud.identity_pools, cloud.keys, cloud.policies):
        held.clear()
    cloud.deployer = Caller()
    served.tenant.grants["rehearsal-deployer"] = DEPLOYER_SCOPES | {"read:client_grants"}
    return served


@pytest.fixture(name="stack")
def bootstrapped_stack(vendors: EmulatedVendors) -> LiveStack:
    secrets_provider = create_in(vendors, "dev")
    settings = {**vendors.configuration(), "gcp:kmsCustomEndpoint": f"{vendors.google_origin}/v1/"}
    return LiveStack(
        name="dev",
        project_name="tiktok-login",
        secrets_provider=secrets_provider,
        outputs={},
        config={key: {"value": str(value), "secret": False} for key, value in settings.items()},
    )


def findings(stack: LiveStack) -> list[Finding]:
    return run_checks(bootstrap_checks(stack), replace(stack))


def test_what_bootstrap_declares_passes_each_check(stack: LiveStack) -> None:
    found = findings(stack)

    assert [each.line() for each in found if not each.holds or "not checked" in each.seen] == []
    trust = next(each.seen for each in found if each.check == "GitHub is trusted")
    assert trust == f"repository {REPOSITORY_ID} of example, in 'dev', 'preview-dev', 'drift-dev'."


def without_member(policy: Policy, role: str, member: str = "") -> None:
    """Take a role away from ``member``, or from everybody."""
    for binding in policy.resource["bindings"]:
        if binding["role"] == role and member in ("", *binding["members"]):
            binding["members"] = []


def grant(policy: Policy, role: str, member: str) -> None:
    policy.resource["bindings"].append({"role": role, "members": [member]})


def account_policy(vendors: EmulatedVendors, email: str) -> Policy:
    return vendors.cloud.policies[f"projects/proj-1/serviceAccounts/{email}"]


def change_provider(**changed: Any) -> Callable[[EmulatedVendors], None]:  # noqa: ANN401  # any field
    return lambda vendors: vendors.cloud.identity_pools[f"{_POOL}/providers/github"].update(changed)


def change_bucket(**changed: Any) -> Callable[[EmulatedVendors], None]:  # noqa: ANN401  # any field
    return lambda vendors: vendors.cloud.buckets[_BUCKET].resource.update(changed)


def change_key(primary: dict[str, str]) -> Callable[[EmulatedVendors], None]:
    return lambda vendors: next(iter(vendors.cloud.keys.values())).update(primary=primary)


def change_scopes(change: Callable[[frozenset[str]], frozenset[str]]) -> Callable[[EmulatedVendors], None]:
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
        change_provider(disabled=True),
        ["GitHub is trusted"],
        "providers/github is disabled.",
    ),
    "the provider is gone": (
        lambda vendors: vendors.cloud.identity_pools.pop(f"{_POOL}/providers/github"),
        ["GitHub is trusted"],
        "(404): Requested entity was not found",
    ),
    "another issuer is trusted": (
        change_provider(oidc={"issuerUri": "https://example.com"}),
        ["GitHub is trusted"],
        "The provider trusts https://example.com, not https://token.actions.githubusercontent.com.",
    ),
    "every repository is trusted": (
        change_provider(attributeCondition="true"),
        ["GitHub is trusted"],
        "The provider's condition is not bootstrap's: true",
    ),
    "every job has the environment dev": (
        change_provider(attributeMapping={**ATTRIBUTE_MAPPING, "attribute.environment": "'dev'"}),
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
        lambda vendors: without_member(account_policy(vendors, _DEPLOYER), "roles/iam.workloadIdentityUser"),
        ["service accounts"],
        f"{_DEPLOYER} cannot be used by principalSet://iam.googleapis.com/{_POOL}/attribute.environment/dev.",
    ),
    "previews can use the deploying account": (
        lambda vendors: grant(
            account_policy(vendors, _DEPLOYER),
            "roles/iam.workloadIdentityUser",
            f"principalSet://iam.googleapis.com/{_POOL}/attribute.environment/preview-dev",
        ),
        ["service accounts"],
        "attribute.environment/preview-dev.",
    ),
    "a role on the project is missing": (
        lambda vendors: without_member(vendors.cloud.policies["projects/proj-1"], "roles/run.admin"),
        ["roles on the project"],
        f"Missing roles of {_DEPLOYER}: roles/run.admin.",
    ),
    "the bucket is gone": (
        lambda vendors: vendors.cloud.buckets.pop(_BUCKET),
        ["bucket of the state"],
        "The specified bucket does not exist.",
    ),
    "the bucket keeps no versions": (
        change_bucket(versioning={"enabled": False}),
        ["bucket of the state"],
        f"{_BUCKET} keeps no old versions.",
    ),
    "the bucket can be opened": (
        change_bucket(
            iamConfiguration={"publicAccessPrevention": "inherited", "uniformBucketLevelAccess": {"enabled": True}}
        ),
        ["bucket of the state"],
        f"{_BUCKET} can be opened to the public.",
    ),
    "a role on the bucket is missing": (
        lambda vendors: without_member(
            vendors.cloud.policies[f"projects/_/buckets/{_BUCKET}"], "roles/storage.objectViewer"
        ),
        ["bucket of the state"],
        f"Missing roles of {_READER}: roles/storage.objectViewer.",
    ),
    "the key is disabled": (change_key({"state": "DISABLED"}), ["key of the secrets"], "The key is disabled."),
    "the key has no version": (change_key({}), ["key of the secrets"], "The key is without a version."),
    "a role on the key is missing": (
        lambda vendors: without_member(
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
        change_scopes(lambda scopes: scopes - {"read:connections"}),
        ["Auth0 applications"],
        "Missing scopes of 'tiktok-login dev reader': read:connections.",
    ),
    "the reader may change connections": (
        change_scopes(lambda scopes: scopes | {"update:connections"}),
        ["Auth0 applications"],
        "'tiktok-login dev reader' has more scopes than it needs: update:connections.",
    ),
}


@pytest.mark.parametrize("name", DIFFERENCES)
def test_a_difference_from_what_bootstrap_declares_is_noticed(
    vendors: EmulatedVendors, stack: LiveStack, name: str
) -> None:
    change, checks, word = DIFFERENCES[name]
    change(vendors)

    failing = [each for each in findings(stack) if not each.holds]

    assert [each.check for each in failing] == checks
    assert word in failing[0].seen
    assert all(each.remedy for each in failing)


def test_each_check_is_made_to_fail() -> None:
    assert {check for _, checks, _ in DIFFERENCES.values() for check in checks} == {check.name for check in BOOTSTRAP}


@pytest.mark.parametrize(
    ("variable", "value", "sentence"),
    [
        (
            "GITHUB_REPOSITORY_ID",
            "1",
            f"The provider trusts repository_id {REPOSITORY_ID}, and GITHUB_REPOSITORY_ID is 1.",
        ),
        (
            "GITHUB_REPOSITORY_OWNER",
            "other",
            "The provider trusts owner example, and GITHUB_REPOSITORY_OWNER is other.",
        ),
    ],
)
def test_a_workflow_of_another_repository_is_told_that_it_is_not_trusted(
    stack: LiveStack, monkeypatch: pytest.MonkeyPatch, variable: str, value: str, sentence: str
) -> None:
    monkeypatch.setenv(variable, value)

    assert [each.seen for each in findings(stack) if not each.holds] == [sentence]


def test_what_a_deployer_may_not_read_is_named_and_does_not_fail(vendors: EmulatedVendors, stack: LiveStack) -> None:
    vendors.cloud.deployer = Caller(roles=frozenset(DEPLOYER_ROLES))
    vendors.tenant.grants["rehearsal-deployer"] -= {"read:client_grants"}

    found = findings(stack)

    assert [each.line() for each in found if not each.holds] == []
    unread = {each.check: each.seen for each in found if each.seen.startswith("not checked, since")}
    permissions = {
        "GitHub is trusted": "iam.workloadIdentityPools.get",
        "service accounts": "iam.workloadIdentityPools.get",
        "roles on the project": "resourcemanager.projects.getIamPolicy",
        "key of the secrets": "cloudkms.cryptoKeys.get",
        "Auth0 applications": "read:client_grants",
    }
    assert {
        check: permission for check, permission in permissions.items() if permission in unread[check]
    } == permissions
    assert unread.keys() == permissions.keys()


@pytest.mark.parametrize("secrets_provider", ["", "awskms://alias/pulumi"])
def test_a_stack_that_bootstrap_did_not_set_up_gets_one_line(stack: LiveStack, secrets_provider: str) -> None:
    [finding] = findings(replace(stack, secrets_provider=secrets_provider))

    assert finding.holds
    assert finding.line().startswith("ok    bootstrap: not checked: ")
