"""What Cloud Run is asked to run. Plain arguments give plain ones, so that a preflight can build the same service."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypedDict

import pulumi
from pulumi_gcp import cloudrunv2

from infra.cloud_run_settings import PublicAccess, ResolvedHosting
from infra.vendor_rules import ServiceSize, base_image

_PORT = 8080


@dataclass(frozen=True, kw_only=True)
class Workload:
    """What a service runs: a package of this repository, or a container image instead."""

    package: str
    title: str
    environment: Mapping[str, pulumi.Input[str]]
    arguments: tuple[str, ...] = ()
    health_path: str
    image: pulumi.Input[str] | None = None


def archive_container(
    workload: Workload,
    hosting: ResolvedHosting,
    bucket: pulumi.Input[str],
    name: pulumi.Input[str],
    generation: pulumi.Input[str] | None = None,
) -> cloudrunv2.ServiceTemplateContainerArgsDict:
    """Return what a container runs that has the archive ``name`` in ``bucket``."""
    source: cloudrunv2.ServiceTemplateContainerSourceCodeCloudStorageSourceArgsDict = {"bucket": bucket, "object": name}
    if generation is not None:
        source["generation"] = generation
    return {
        # The image of a deployment without a build: https://docs.cloud.google.com/run/docs/deploying-source-code
        "image": "scratch",
        "base_image_uri": base_image(hosting.region, hosting.runtime),
        "source_code": {"cloud_storage_source": source},
        "commands": ["python"],
        "args": ["-m", workload.package, *workload.arguments],
    }


class ServiceArguments(TypedDict):
    """The part of a service's arguments that Cloud Run judges."""

    ingress: str
    invoker_iam_disabled: bool | None
    scaling: cloudrunv2.ServiceScalingArgsDict
    template: cloudrunv2.ServiceTemplateArgsDict


def service_arguments(
    code: cloudrunv2.ServiceTemplateContainerArgsDict,
    workload: Workload,
    hosting: ResolvedHosting,
    account: pulumi.Input[str] | None = None,
) -> ServiceArguments:
    """Return how the container ``code`` of a workload runs; plain arguments give plain ones."""
    template = _template(code, workload, hosting.size)
    if account is not None:
        template["service_account"] = account
    return {
        "ingress": "INGRESS_TRAFFIC_ALL",
        "invoker_iam_disabled": True if hosting.public_access is PublicAccess.INVOKER_IAM_DISABLED else None,
        "scaling": {
            "min_instance_count": hosting.size.min_instances,
            "max_instance_count": hosting.size.max_instances,
        },
        "template": template,
    }


def _template(
    code: cloudrunv2.ServiceTemplateContainerArgsDict, workload: Workload, size: ServiceSize
) -> cloudrunv2.ServiceTemplateArgsDict:
    return {
        "max_instance_request_concurrency": size.concurrency,
        "containers": [
            {
                **code,
                "envs": [{"name": key, "value": value} for key, value in workload.environment.items()],
                "ports": {"container_port": _PORT},
                "resources": {
                    "limits": {"cpu": size.cpu, "memory": size.memory},
                    "cpu_idle": True,
                    "startup_cpu_boost": True,
                },
                # Once a second, so that a cold start is no longer than it has to be.
                "startup_probe": {
                    "http_get": {"path": workload.health_path},
                    "period_seconds": 1,
                    "timeout_seconds": 1,
                    "failure_threshold": 30,
                },
                "liveness_probe": {
                    "http_get": {"path": workload.health_path},
                    "period_seconds": 30,
                    "timeout_seconds": 3,
                    "failure_threshold": 3,
                },
            }
        ],
    }
