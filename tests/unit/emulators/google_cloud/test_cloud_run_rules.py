"""The emulated Cloud Run refuses what the documents list, in Cloud Run's words where they are known."""

from collections.abc import Generator
from typing import Any

import httpx2
import pytest

from emulators.google_cloud import GoogleCloud, create_app
from emulators.google_cloud.run.base_images import THIS_PYTHON
from emulators.kit.serving import serving
from tests.support.google_cloud.deploying import APIS, SERVICES

Json = dict[str, Any]
_TEMPLATE = "Violation in CreateServiceRequest.service.template"
_PROBE = {"httpGet": {"path": "/health"}}
_CPU, _MEMORY = "template.containers.resources.limits.cpu", "template.containers.resources.limits.memory"


@pytest.fixture(scope="module", name="google")
def validating_google() -> Generator[httpx2.Client]:
    """Yield a client of a project in which services are validated and none is made."""
    headers = {"authorization": "Bearer any"}
    with (
        serving(create_app(GoogleCloud(enabled=set(APIS)))) as origin,
        httpx2.Client(base_url=origin, headers=headers, trust_env=False, timeout=20) as client,
    ):
        yield client


def _validate(google: httpx2.Client, service: Json, *, service_id: str = "hello", services: str = SERVICES) -> Json:
    answer = google.post(services, params={"serviceId": service_id, "validateOnly": "true"}, json=service)
    return answer.json()


def _service(container: Json | None = None, **template: Any) -> Json:  # noqa: ANN401  # any JSON value
    return {"template": {"containers": [{"image": "docker.io/library/hello"} | (container or {})]} | template}


def _sized(cpu: str, memory: str, *, idle: bool = True, **template: Any) -> Json:  # noqa: ANN401  # any JSON value
    return _service({"resources": {"limits": {"cpu": cpu, "memory": memory}, "cpuIdle": idle}}, **template)


def _with_probe(kind: str, **probe: int) -> Json:
    return _service({f"{kind}Probe": _PROBE | probe})


@pytest.mark.parametrize(
    ("cpu", "memory", "least", "most"),
    [
        ("0.08", "513Mi", "128Mi", "512Mi"),
        ("500m", "2Gi", "128Mi", "1Gi"),
        ("1", "1Mi", "128Mi", "4Gi"),
        ("1", "5Gi", "128Mi", "4Gi"),
        ("2", "9Gi", "128Mi", "8Gi"),
        ("4", "1Gi", "2Gi", "16Gi"),
        ("6", "25Gi", "4Gi", "24Gi"),
        ("8", "512Mi", "4Gi", "32Gi"),
        ("1", "much", "128Mi", "4Gi"),
    ],
)
def test_each_cpu_has_its_range_of_memory(google: httpx2.Client, cpu: str, memory: str, least: str, most: str) -> None:
    error = _validate(google, _sized(cpu, memory, maxInstanceRequestConcurrency=1))["error"]

    assert error["message"].startswith(f"{_MEMORY}: Invalid value specified for memory. For ")
    assert error["message"].endswith(f" CPU, memory must be between {least} and {most} inclusive.")


@pytest.mark.parametrize(
    ("cpu", "memory"),
    [("0.08", "512Mi"), ("500m", "1Gi"), ("1000m", "4Gi"), ("1", "128Mi"), ("4", "2Gi"), ("8", "32Gi"), ("2", "1G")],
)
def test_what_the_table_of_sizes_allows_is_accepted(google: httpx2.Client, cpu: str, memory: str) -> None:
    assert "error" not in _validate(google, _sized(cpu, memory))


@pytest.mark.parametrize(
    ("service", "message"),
    [
        (_sized("3", "1Gi"), f"{_CPU}: Invalid value specified for cpu. must be 1, 2, 4, 6 or 8"),
        (_sized("0.07", "128Mi"), f"{_CPU}: Invalid value specified for cpu. must be"),
        (_sized("0.0805", "128Mi"), f"{_CPU}: Invalid value specified for cpu. must be"),
        (_sized("many", "128Mi"), f"{_CPU}: Invalid value specified for cpu. must be"),
        (
            _sized("0.5", "512Mi", maxInstanceRequestConcurrency=80),
            f"{_CPU}: Invalid value specified for cpu. Total cpu < 1 is not supported with concurrency > 1.",
        ),
        (_sized("0.5", "512Mi", idle=False), "Total cpu < 1 is not supported with cpu always allocated."),
        (
            _sized("0.5", "512Mi", executionEnvironment="EXECUTION_ENVIRONMENT_GEN2"),
            "Total cpu < 1 is not supported with gen2 execution environment.",
        ),
        (
            _sized("1", "256Mi", executionEnvironment="EXECUTION_ENVIRONMENT_GEN2"),
            "with gen2 execution environment. For 1.0 CPU, memory must be between 512Mi and 4Gi inclusive.",
        ),
        (_service(maxInstanceRequestConcurrency=5000), "template.max_instance_request_concurrency: must be between"),
        (_service(timeout="99999s"), "template.timeout: must be between 1s and 3600s."),
        (_service(timeout="5 minutes"), "template.timeout: must be between 1s and 3600s."),
        (_with_probe("startup", periodSeconds=60, failureThreshold=30), "must be at most 240, not 1800."),
        (_with_probe("startup", periodSeconds=241, failureThreshold=1), "period_seconds: must be between 1 and 240."),
        (_with_probe("startup", initialDelaySeconds=241), "initial_delay_seconds: must be between 0 and 240."),
        (_with_probe("startup", timeoutSeconds=11), "must not be greater than period_seconds."),
        (_with_probe("liveness", timeoutSeconds=9, periodSeconds=3), "must not be greater than period_seconds."),
        (_with_probe("liveness", periodSeconds=3601), "period_seconds: must be between 1 and 3600."),
        (_with_probe("liveness", failureThreshold=-1), "failure_threshold: must be at least 1."),
        (_service({"livenessProbe": {"tcpSocket": {}}}), "liveness_probe.tcp_socket: a liveness probe must be"),
        (
            _service(scaling={"minInstanceCount": 2, "maxInstanceCount": 1}),
            f"{_TEMPLATE}.scaling.max_instance_count: must be greater or equal than min_instance_count.",
        ),
        (_service(scaling={"minInstanceCount": 2}), "must be greater or equal than min_instance_count."),
        ({}, f"{_TEMPLATE}: required field not present."),
        (_service({"image": ""}), "must be a container image path in the form [hostname/]repo-path"),
        (_service({"image": "ghcr.io/x/y:1"}), "docker.pkg.dev or docker.io but obtained ghcr.io/x/y:1"),
        (_service({"ports": [{}, {}]}), "containers[0].ports: ports should contain 0 or 1 port."),
        (_service({"ports": [{"containerPort": 65536}]}), "container_port: must be between 1 and 65535."),
        (_service({"env": [{"name": "PORT"}]}), "The following reserved env names were provided: PORT."),
        (_service({"env": [{"name": ""}]}), "containers[0].env: '' is not a name"),
        (_service({"env": [{"name": "A=B"}]}), "'A=B' is not a name"),
        (_service({"env": [{"name": "X_GOOGLE_A"}]}), "'X_GOOGLE_A' is not a name"),
        (_service({"env": [{"name": "A", "value": "ä" * 16_385}]}), "the value of A is longer than 32768 bytes."),
        (_service({"env": [{"name": f"A{n}"} for n in range(1001)]}), "must have at most 1000 variables."),
        (_service() | {"labels": {"run.googleapis.com/a": "b"}}, "is in a reserved namespace."),
        (_service(annotations={"serving.knative.dev/a": "b"}), "is in a reserved namespace."),
        (_service() | {"labels": {"Upper": "b"}}, "labels: Upper=b is not a label"),
        (_service() | {"labels": {"a": "Upper"}}, "labels: a=Upper is not a label"),
        (_service() | {"labels": {f"a{n}": "" for n in range(65)}}, "must have at most 64 labels."),
        (_service() | {"description": "a" * 513}, "must be at most 512 characters."),
        (_service() | {"ingress": "INGRESS_TRAFFIC_SOME"}, "ingress: unknown value INGRESS_TRAFFIC_SOME."),
    ],
)
def test_a_service_against_the_rules_is_refused(google: httpx2.Client, service: Json, message: str) -> None:
    error = _validate(google, service)["error"]

    assert message in error["message"]
    assert (error["code"], error["status"]) == (400, "INVALID_ARGUMENT")
    violation = error["details"][0]["fieldViolations"][0]
    assert error["message"] == f"{violation['field']}: {violation['description']}"


@pytest.mark.parametrize("service_id", ["", "Hello", "1st", "a" * 50, "ends-"])
def test_a_service_id_against_the_rules_is_refused(google: httpx2.Client, service_id: str) -> None:
    assert _validate(google, _service(), service_id=service_id)["error"]["message"] == (
        "Violation in CreateServiceRequest.service_id: only lowercase, digits, and hyphens; must begin with letter, "
        "and cannot end with hyphen; must be less than 50 characters."
    )


@pytest.mark.parametrize("region", ["europe-west99", "mars-north1", "europe"])
def test_a_place_that_is_no_region_is_403(google: httpx2.Client, region: str) -> None:
    error = _validate(google, _service(), services=SERVICES.replace("europe-west1", region))["error"]

    assert (error["code"], error["details"][0]["reason"]) == (403, "LOCATION_POLICY_VIOLATED")
    assert error["message"] == f"Permission denied on 'locations/{region}' (or it may not exist)."


@pytest.mark.parametrize("container", [{"startupProbe": {"grpc": {}}}, {"readinessProbe": _PROBE}])
def test_probes_that_are_not_emulated_are_501(google: httpx2.Client, container: Json) -> None:
    assert _validate(google, _service(container))["error"]["code"] == 501


def _base_image(google: httpx2.Client, spelling: str) -> str:
    source = {"cloudStorageSource": {"bucket": "b", "object": "o"}}
    answer = _validate(google, _service({"image": "scratch", "baseImageUri": spelling, "sourceCode": source}))
    if error := answer.get("error"):
        return error["message"]
    return answer["response"]["template"]["containers"][0]["baseImageUri"]


@pytest.mark.parametrize(
    ("spelling", "path"),
    [
        ("python311", "europe-west1-docker.pkg.dev/serverless-runtimes/google-22/runtimes/python311"),
        (
            "google-22-full/python313",
            "europe-west1-docker.pkg.dev/serverless-runtimes/google-22-full/runtimes/python313",
        ),
        ("python314", "europe-west1-docker.pkg.dev/serverless-runtimes/google-24/runtimes/python314"),
        (
            "us-west1-docker.pkg.dev/serverless-runtimes/google-22/runtimes/python312",
            "us-west1-docker.pkg.dev/serverless-runtimes/google-22/runtimes/python312",
        ),
    ],
)
def test_a_base_image_is_answered_by_its_full_path(google: httpx2.Client, spelling: str, path: str) -> None:
    assert _base_image(google, spelling) == path


@pytest.mark.parametrize(
    "spelling",
    [
        "python399",
        "python310",
        f"ghcr.io/x/{THIS_PYTHON}",
        f"ghcr.io/serverless-runtimes/google-22/runtimes/{THIS_PYTHON}",
        "google-22/python314",
        "google-24/python313",
        "google-22/runtimes/python313",
    ],
)
def test_a_base_image_that_does_not_exist_is_refused(google: httpx2.Client, spelling: str) -> None:
    assert _base_image(google, spelling) == f"template.containers.base_image_uri: Base image '{spelling}' not found."
