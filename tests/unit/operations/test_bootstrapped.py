"""The preflight accepts what bootstrap/ declares, and notices each thing that differs from it."""

from collections.abc import Generator
from dataclasses import replace
from pathlib import Path

import pytest

from emulators.google_cloud.callers import Caller
from infra.permissions import DEPLOYER_ROLES, DEPLOYER_SCOPES
from operations.stack import LiveStack
from operations.verify.bootstrapped import BOOTSTRAP, bootstrap_checks
from operations.verify.check import Finding, run_checks
from rehearsal.emulated_vendors import EmulatedVendors, emulated_vendors
from tests.support.bootstrap import REPOSITORY_ID, create_in
from tests.support.operations.bootstrap_differences import DIFFERENCES
from tests.support.schemas import auth0, google


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
