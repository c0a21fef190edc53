"""What the token proxy's component declares in Google Cloud."""

from hashlib import sha256
from typing import Any

from infra.archive.build import Platform
from infra.archive.cache import LINUX_X86_64
from infra.vendor_rules import THIS_PYTHON
from tests.support.infra.declaring import Declared, Recorder
from tests.support.infra.stacks import deployed

_STACK = "google-24" if THIS_PYTHON == "python314" else "google-22"
_CODE = ("image", "baseImageUri", "sourceCode", "commands", "args")
_APIS = ["tiktok-proxy-api-iam", "tiktok-proxy-api-run", "tiktok-proxy-api-storage"]


def _service(stack: Recorder) -> Declared:
    return stack.only("cloudrunv2/service:Service")


def _container(stack: Recorder) -> dict[str, Any]:
    (container,) = _service(stack).inputs["template"]["containers"]
    return container


def _environment(stack: Recorder) -> dict[str, str]:
    return {variable["name"]: variable["value"] for variable in _container(stack)["envs"]}


def test_a_new_project_gets_its_apis_enabled_and_keeps_them() -> None:
    apis = deployed().all("projects/service:Service")
    assert [api.inputs for api in apis] == [
        {"service": f"{name}.googleapis.com", "disableOnDestroy": False} for name in ("run", "iam", "storage")
    ]


def test_everything_in_google_cloud_waits_for_the_apis() -> None:
    stack = deployed(publicAccess="all-users")
    waiting = [each for each in stack.declared if each.type.startswith("gcp:") and "api" not in each.name]
    assert len(waiting) == 5
    assert all(set(each.dependencies) >= set(_APIS) or "tiktok-proxy-service" in each.dependencies for each in waiting)


def test_everything_in_google_cloud_is_a_child_of_the_component() -> None:
    children = [each for each in deployed().declared if each.type.startswith("gcp:")]
    assert {each.parent for each in children} == {"tiktok-proxy"}


def test_the_identity_has_no_role() -> None:
    stack = deployed()
    assert stack.only("serviceaccount/account:Account").inputs == {
        "accountId": "tiktok-proxy-dev",
        "displayName": "TikTok token proxy (dev); holds no role",
    }
    assert not [each for each in stack.declared if "iam" in each.type.lower()]


def test_the_bucket_is_closed_and_keeps_thirty_days_of_archives() -> None:
    assert deployed().only("storage/bucket:Bucket").inputs == {
        "name": "example-project-tiktok-proxy-dev",
        "location": "europe-west1",
        "uniformBucketLevelAccess": True,
        "publicAccessPrevention": "enforced",
        "versioning": {"enabled": True},
        "lifecycleRules": [{"action": {"type": "Delete"}, "condition": {"daysSinceNoncurrentTime": 30}}],
        "softDeletePolicy": {"retentionDurationSeconds": 0},
        "forceDestroy": True,
    }


def test_an_archive_is_uploaded_before_the_one_before_it_is_deleted() -> None:
    archive = deployed().only("storage/bucketObject:BucketObject")
    assert archive.delete_before_replace is False
    assert archive.inputs["name"] == "source-0123456789ab.tar.gz"
    assert archive.inputs["source"]["path"].endswith("proxy_app.tar.gz")


def test_the_archive_is_packed_for_cloud_run(packed: list[tuple[str, Platform]]) -> None:
    deployed()
    assert packed == [("proxy_app", LINUX_X86_64)]


def test_the_container_runs_one_generation_of_the_archive_on_googles_python() -> None:
    container = _container(deployed("prod"))
    assert {name: container[name] for name in _CODE} == {
        "image": "scratch",
        "baseImageUri": f"europe-west1-docker.pkg.dev/serverless-runtimes/{_STACK}/runtimes/{THIS_PYTHON}",
        "sourceCode": {
            "cloudStorageSource": {
                "bucket": "example-project-tiktok-proxy-prod",
                "object": "source-0123456789ab.tar.gz",
                "generation": "1700000000000005",
            }
        },
        "commands": ["python"],
        "args": ["-m", "proxy_app"],
    }


def test_an_instance_has_thirty_seconds_to_start_and_ends_after_three_failed_probes() -> None:
    container, get = _container(deployed()), {"path": "/health"}
    startup = {"httpGet": get, "periodSeconds": 1, "timeoutSeconds": 1, "failureThreshold": 30}
    assert container["startupProbe"] == startup
    assert container["livenessProbe"] == {**startup, "periodSeconds": 30, "timeoutSeconds": 3, "failureThreshold": 3}


def test_the_service_of_production_has_these_arguments_and_no_others() -> None:
    service = _service(deployed("prod")).inputs
    (container,) = service["template"].pop("containers")
    probes = {"startupProbe", "livenessProbe"}
    assert container.keys() == {*_CODE, *probes, "envs", "ports", "resources"}
    assert container["ports"] == {"containerPort": 8080}
    assert container["resources"] == {
        "limits": {"cpu": "1", "memory": "512Mi"},
        "cpuIdle": True,
        "startupCpuBoost": True,
    }
    assert service == {
        "name": "tiktok-proxy-prod",
        "location": "europe-west1",
        "ingress": "INGRESS_TRAFFIC_ALL",
        "invokerIamDisabled": True,
        "deletionProtection": True,
        "labels": {"stack": "prod", "version": "0-1-0-0123456789ab"},
        "scaling": {"minInstanceCount": 0, "maxInstanceCount": 5},
        "template": {
            "serviceAccount": "token-proxy@example-project.iam.gserviceaccount.com",
            "maxInstanceRequestConcurrency": 80,
        },
    }


def test_the_service_is_sized_by_the_settings() -> None:
    sizes = {"minInstances": 1, "maxInstances": 3, "concurrency": 40, "cpu": "2", "memory": "1Gi"}
    stack = deployed(**sizes)
    service = _service(stack).inputs
    assert service["scaling"] == {"minInstanceCount": 1, "maxInstanceCount": 3}
    assert service["template"]["maxInstanceRequestConcurrency"] == 40
    assert _container(stack)["resources"]["limits"] == {"cpu": "2", "memory": "1Gi"}


def test_the_service_runs_as_the_identity() -> None:
    account = "token-proxy@example-project.iam.gserviceaccount.com"
    assert _service(deployed()).inputs["template"]["serviceAccount"] == account


def test_the_proxy_gets_digests_in_clear_and_no_secret() -> None:
    environment = _environment(deployed())
    assert environment == {
        "HOST": "0.0.0.0",  # noqa: S104  # what Cloud Run asks for
        "TIKTOK_CLIENT_KEY": "aw123",
        "TIKTOK_CLIENT_SECRET_SHA256": sha256(b"s3cr3t-one").hexdigest(),
        "TIKTOK_TOKEN_URL": "https://open.tiktokapis.com/v2/oauth/token/",
    }


def test_two_secrets_are_accepted_while_one_is_rotated() -> None:
    environment = _environment(deployed(clientSecret="s3cr3t-two", previousClientSecret="s3cr3t-one"))
    digests = [sha256(secret).hexdigest() for secret in (b"s3cr3t-two", b"s3cr3t-one")]
    assert environment["TIKTOK_CLIENT_SECRET_SHA256"] == " ".join(digests)


def test_the_proxy_asks_tiktok_where_the_settings_say() -> None:
    environment = _environment(deployed(tiktokApiOrigin="http://127.0.0.1:8080"))
    assert environment["TIKTOK_TOKEN_URL"] == "http://127.0.0.1:8080/v2/oauth/token/"


def test_auth0_gets_in_because_the_invoker_is_not_checked() -> None:
    stack = deployed()
    assert _service(stack).inputs["invokerIamDisabled"] is True
    assert not stack.all(":ServiceIamMember")


def test_auth0_gets_in_as_everyone_where_an_organisation_wants_that() -> None:
    stack = deployed(publicAccess="all-users")
    assert _service(stack).inputs.get("invokerIamDisabled") is None
    assert stack.only(":ServiceIamMember").inputs == {
        "name": "tiktok-proxy-dev",
        "location": "europe-west1",
        "role": "roles/run.invoker",
        "member": "allUsers",
    }


def test_an_image_needs_neither_archive_nor_bucket() -> None:
    stack = deployed(image="docker.io/example/token-proxy:1", runtime="python311")
    container = _container(stack)
    assert container["image"] == "docker.io/example/token-proxy:1"
    assert not {"baseImageUri", "sourceCode", "commands", "args"} & container.keys()
    assert not [each for each in stack.declared if "storage" in each.type + each.name]
    assert stack.exports["version"] == "docker.io/example/token-proxy:1"
