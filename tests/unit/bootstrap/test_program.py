"""What the bootstrap declares for two stacks, as plain data; it was never run against live accounts."""

import re
import runpy
from typing import Any

import pytest

from bootstrap.settings import EMAIL, STACK_RULES
from infra import vendor_rules
from infra.config_reader import SettingsError
from infra.permissions import (
    APIS,
    DEPLOYER_ALERT_ROLES,
    DEPLOYER_ROLES,
    DEPLOYER_SCOPES,
    READER_ALERT_ROLES,
    READER_ROLES,
    READER_SCOPES,
)
from tests.support.bootstrap import REPOSITORY_ID, STACKS, BootstrapRecorder, bootstrapped
from tests.support.infra.declaring import ROOT


def _inputs(declared: BootstrapRecorder, kind: str, prefix: str) -> list[dict[str, Any]]:
    return [each.inputs for each in declared.all(kind) if each.name.startswith(prefix)]


@pytest.mark.parametrize("stack", ["dev", "prod"])
def test_each_account_has_exactly_the_roles_that_its_work_needs(declared: BootstrapRecorder, stack: str) -> None:
    for role, expected in {
        "deployer": {*DEPLOYER_ROLES, *DEPLOYER_ALERT_ROLES},
        "reader": {*READER_ROLES, *READER_ALERT_ROLES},
    }.items():
        granted = _inputs(declared, "projects/iAMMember:IAMMember", f"{stack}-google-{role}-has-")
        assert {each["role"] for each in granted} == expected
        assert {each["project"] for each in granted} == {STACKS[stack]["project"]}


@pytest.mark.parametrize("stack", ["dev", "prod"])
def test_google_trusts_this_repository_and_these_environments_only(declared: BootstrapRecorder, stack: str) -> None:
    (provider,) = _inputs(declared, "WorkloadIdentityPoolProvider", f"{stack}-google")
    environments = {"dev": ["dev", "preview-dev"], "prod": ["prod", "preview-prod", "drift-prod"]}[stack]

    assert provider["oidc"] == {"issuerUri": "https://token.actions.githubusercontent.com"}
    assert provider["attributeCondition"] == (
        f"assertion.repository_id == '{REPOSITORY_ID}' && assertion.repository_owner == 'example'"
        f" && assertion.environment in {environments}"
    )


def test_an_account_is_used_in_its_environments_only(declared: BootstrapRecorder) -> None:
    members = {each.name: each.inputs for each in declared.all("serviceaccount/iAMMember:IAMMember")}

    assert sorted(members) == [
        "dev-google-dev-acts-as-deployer",
        "dev-google-preview-dev-acts-as-reader",
        "prod-google-drift-prod-acts-as-reader",
        "prod-google-preview-prod-acts-as-reader",
        "prod-google-prod-acts-as-deployer",
    ]
    for name, member in members.items():
        environment = re.sub(r"^\w+-google-|-acts-as-\w+$", "", name)
        assert member["role"] == "roles/iam.workloadIdentityUser"
        assert member["member"].startswith("principalSet://iam.googleapis.com/projects/")
        assert member["member"].endswith(f"/attribute.environment/{environment}")


def test_every_claim_that_a_binding_names_is_mapped(declared: BootstrapRecorder) -> None:
    for provider in declared.all("WorkloadIdentityPoolProvider"):
        assert "attribute.environment" in provider.inputs["attributeMapping"]


def test_the_state_is_versioned_closed_to_the_public_and_protected(declared: BootstrapRecorder) -> None:
    buckets = declared.all("storage/bucket:Bucket")

    assert [each.inputs["name"] for each in buckets] == ["example-dev-pulumi-dev", "example-prod-pulumi-prod"]
    for bucket in buckets:
        assert bucket.protect
        assert bucket.inputs["versioning"] == {"enabled": True}
        assert bucket.inputs["publicAccessPrevention"] == "enforced"
        assert bucket.inputs["uniformBucketLevelAccess"] is True


def test_the_reader_cannot_write_state_and_nobody_but_the_administrator_encrypts() -> None:
    declared = bootstrapped(administrator="alice@example.com")

    state = {each.name: each.inputs["role"] for each in declared.all("BucketIAMMember")}
    assert state["prod-google-reader-uses-state"] == "roles/storage.objectViewer"
    assert state["prod-google-deployer-uses-state"] == "roles/storage.objectUser"
    key = {each.name: (each.inputs["role"], each.inputs["member"]) for each in declared.all("CryptoKeyIAMMember")}
    encrypt = "roles/cloudkms.cryptoKeyEncrypterDecrypter"
    assert {name for name, (role, _) in key.items() if role == encrypt} == {
        "dev-google-administrator-uses-key",
        "prod-google-administrator-uses-key",
    }
    assert key["prod-google-administrator-uses-key"] == (encrypt, "user:alice@example.com")


def test_what_cannot_be_made_again_under_its_name_stays(declared: BootstrapRecorder) -> None:
    kept = ("WorkloadIdentityPool", "WorkloadIdentityPoolProvider", "CryptoKey")
    assert all(each.protect for kind in kept for each in declared.all(f":{kind}"))
    assert [len(declared.all(f":{kind}")) for kind in kept] == [2, 2, 2]
    retained = {each.type.rpartition(":")[2] for each in declared.declared if each.retain_on_delete}
    assert retained == {"WorkloadIdentityPool", "WorkloadIdentityPoolProvider", "KeyRing"}


def test_every_api_that_has_a_reason_is_enabled_and_stays_so(declared: BootstrapRecorder) -> None:
    services = [each.inputs for each in declared.all("projects/service:Service") if each.name.startswith("dev-")]

    assert {each["service"] for each in services} == {f"{api}.googleapis.com" for api in APIS}
    assert {each["disableOnDestroy"] for each in services} == {False}


@pytest.mark.parametrize("stack", ["dev", "prod"])
def test_each_application_has_exactly_the_scopes_that_its_work_needs(declared: BootstrapRecorder, stack: str) -> None:
    grants = {each.name: each.inputs for each in declared.all("clientGrant:ClientGrant")}

    for role, scopes in {"deployer": DEPLOYER_SCOPES, "reader": READER_SCOPES}.items():
        grant = grants[f"{stack}-auth0-{role}-grant"]
        assert set(grant["scopes"]) == scopes
        assert grant["audience"] == f"https://{STACKS[stack]['tenant']}/api/v2/"


def test_the_outputs_are_the_commands_that_come_next(declared: BootstrapRecorder) -> None:
    assert declared.exports["prod_next"].splitlines() == [
        "export PULUMI_BACKEND_URL=gs://example-prod-pulumi-prod",
        "pulumi stack init prod --secrets-provider 'gcpkms://prod-google-key-id'",
        "pulumi config set --stack prod auth0:domain example.eu.auth0.com",
        "pulumi config set --stack prod gcp:project example-prod",
        "pulumi config set --stack prod gcp:region europe-west4",
        "git add Pulumi.prod.yaml",
    ]


def test_each_stack_is_declared_by_providers_of_its_own(declared: BootstrapRecorder) -> None:
    providers = {each.name: each.inputs for each in declared.declared if each.type.startswith("pulumi:providers:")}

    assert providers["dev-gcp"]["project"] == "example-dev"
    assert providers["prod-gcp"]["project"] == "example-prod"
    assert providers["dev-tenant"]["domain"] == "example-dev.eu.auth0.com"
    assert providers["github"]["owner"] == "example"


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"repository": "tiktok-login"}, "repository must be OWNER/NAME, not 'tiktok-login'."),
        ({"stacks": {"dev": {"tenant": "a.auth0.com"}}}, "stacks.dev.project is missing: it must be a project's id."),
        (
            {"stacks": {"dev": {**STACKS["dev"], "region": "Europe"}}},
            "stacks.dev.region must be a region such as europe-west1, not 'Europe'.",
        ),
        (
            {"stacks": {"dev": {**STACKS["dev"], "tenant": "https://a.auth0.com"}}},
            "stacks.dev.tenant must be the tenant's domain without https://",
        ),
        ({"stacks": {"Dev": STACKS["dev"]}}, "stacks.Dev: the name must be 2 to 12"),
        (
            {"stacks": {"dev": {**STACKS["dev"], "reviewer": "a"}}},
            "stacks.dev must be an object of project, tenant, region and reviewers, not 'reviewer'.",
        ),
        (
            {"stacks": {"dev": {**STACKS["dev"], "reviewers": "alice"}}},
            "stacks.dev.reviewers must be a list of at most 6 GitHub users, not 'alice'.",
        ),
        ({"administrator": "alice"}, "administrator must be an e-mail address, not 'alice'"),
    ],
)
def test_a_wrong_setting_is_one_sentence_and_declares_nothing(settings: dict[str, object], sentence: str) -> None:
    with pytest.raises(SettingsError, match=r"\S") as refused:
        bootstrapped(**settings)

    assert sentence in str(refused.value)


def test_the_rules_are_those_of_the_main_program() -> None:
    assert EMAIL == vendor_rules.EMAIL
    assert STACK_RULES["tenant"] == vendor_rules.AUTH0_DOMAIN
    assert STACK_RULES["region"] == vendor_rules.REGION
    assert STACK_RULES["project"].wants == vendor_rules.PROJECT.wants


def test_pulumi_finds_the_program_from_its_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT / "bootstrap")
    with pytest.raises(SettingsError):  # without an engine there are no settings
        runpy.run_path(str(ROOT / "bootstrap"), run_name="__main__")
