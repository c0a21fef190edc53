"""GitHub's environments: who approves, from where they run, and whose credentials they hold."""

import json

import pytest

from tests.support.bootstrap import ALICE, BootstrapRecorder

_SECRET_SIGNATURE = "4dabf18193072939515e22adb298388d"


def test_reviewers_approve_what_deploys_to_production_and_what_runs_a_branchs_code(declared: BootstrapRecorder) -> None:
    environments = {each.inputs["environment"]: each.inputs for each in declared.all(":RepositoryEnvironment")}

    assert sorted(environments) == ["dev", "drift-prod", "preview-dev", "preview-prod", "prod"]
    for name, environment in environments.items():
        expected = [{"users": [float(ALICE)]}] if name in {"prod", "preview-prod"} else None
        assert environment.get("reviewers") == expected


def test_dev_and_drift_run_on_main_prod_on_tags_and_a_preview_on_any_branch(declared: BootstrapRecorder) -> None:
    policies = {
        each.inputs["environment"]: (each.inputs.get("branchPattern"), each.inputs.get("tagPattern"))
        for each in declared.all("RepositoryEnvironmentDeploymentPolicy")
    }
    environments = {each.inputs["environment"]: each.inputs for each in declared.all(":RepositoryEnvironment")}

    assert policies == {"dev": ("main", None), "prod": (None, "v*"), "drift-prod": ("main", None)}
    assert {name for name, inputs in environments.items() if "deploymentBranchPolicy" in inputs} == set(policies)


def test_every_environment_holds_what_the_workflows_read(declared: BootstrapRecorder) -> None:
    for environment in ("dev", "preview-dev", "prod", "preview-prod", "drift-prod"):
        variables = [
            each.inputs["variableName"]
            for each in declared.all("ActionsEnvironmentVariable")
            if each.inputs["environment"] == environment
        ]
        assert sorted(variables) == [
            "AUTH0_CLIENT_ID",
            "GOOGLE_SERVICE_ACCOUNT",
            "GOOGLE_WORKLOAD_IDENTITY_PROVIDER",
            "PULUMI_BACKEND_URL",
        ]


@pytest.mark.parametrize(
    ("environment", "role"),
    [
        ("dev", "deployer"),
        ("preview-dev", "reader"),
        ("prod", "deployer"),
        ("preview-prod", "reader"),
        ("drift-prod", "reader"),
    ],
)
def test_an_environment_that_only_reads_holds_the_readers_credentials(
    declared: BootstrapRecorder, environment: str, role: str
) -> None:
    stack = environment.rpartition("-")[2]
    held = {each.name: each.dependencies for each in declared.declared}

    assert f"{stack}-google-{role}" in held[f"{environment}-GOOGLE_SERVICE_ACCOUNT"]
    assert f"{stack}-auth0-{role}-client" in held[f"{environment}-AUTH0_CLIENT_ID"]
    assert f"{stack}-auth0-{role}-credentials" in held[f"{environment}-AUTH0_CLIENT_SECRET"]


def test_the_client_secret_is_the_one_secret_and_is_declared_as_one(declared: BootstrapRecorder) -> None:
    secrets = declared.all("ActionsEnvironmentSecret")

    assert {each.inputs["secretName"] for each in secrets} == {"AUTH0_CLIENT_SECRET"}
    assert all(_SECRET_SIGNATURE in each.inputs["value"] for each in secrets)
    others = [each.inputs for each in declared.declared if not each.type.endswith("ActionsEnvironmentSecret")]
    assert "the-made-up-secret" not in json.dumps([others, declared.exports])
