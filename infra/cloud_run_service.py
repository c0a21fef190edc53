"""A public Cloud Run service, with all that it needs in a Google Cloud project that has nothing yet."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import pulumi
from pulumi_gcp import cloudrunv2, projects, serviceaccount, storage

from infra.archive.build import Platform
from infra.archive.cache import Archive, archive
from infra.cloud_run_settings import Hosting
from infra.names import google_name, label

_PORT = 8080
# Time to roll back in. Never a rule by age: that cannot tell the live archive from an old one.
_KEPT_DAYS = 30


class NotReadyError(pulumi.RunError):
    """Cloud Run has a service whose last deployment failed; the engine shows why, and no traceback."""


@dataclass(frozen=True, kw_only=True)
class Workload:
    """What a service runs: a package of this repository, or a container image in its place."""

    package: str
    title: str
    environment: Mapping[str, pulumi.Input[str]]
    arguments: tuple[str, ...] = ()
    health_path: str
    image: str = ""


@dataclass(frozen=True, kw_only=True)
class PublicService:
    """A service that is declared: its origin, and the version of what runs there."""

    url: pulumi.Output[str]
    version: str


def public_service(
    name: str, workload: Workload, hosting: Hosting, platform: Platform, parent: pulumi.Resource
) -> PublicService:
    """Declare the service and everything below it as children of ``parent``, or raise ``ArchiveError``."""
    # A project that has never run anything refuses all of this until the APIs are enabled.
    needs_apis = pulumi.ResourceOptions(parent=parent, depends_on=_enabled_apis(name, workload, parent))
    account = serviceaccount.Account(
        f"{name}-identity",
        account_id=google_name(f"{name}-{hosting.stack}", 30),
        display_name=f"{workload.title} ({hosting.stack}); holds no role",
        opts=needs_apis,
    )
    code, version = _code(name, workload, hosting, platform, needs_apis)
    service = cloudrunv2.Service(
        f"{name}-service",
        name=google_name(f"{name}-{hosting.stack}", 49),
        location=hosting.region,
        ingress="INGRESS_TRAFFIC_ALL",
        invoker_iam_disabled=True if hosting.public_access == "invoker-iam-disabled" else None,
        deletion_protection=hosting.protect,
        labels={"stack": label(hosting.stack), "version": label(version)},
        scaling={"min_instance_count": hosting.min_instances, "max_instance_count": hosting.max_instances},
        template={
            "service_account": account.email,
            "max_instance_request_concurrency": hosting.concurrency,
            "containers": [_container(code, workload, hosting)],
        },
        opts=pulumi.ResourceOptions.merge(needs_apis, pulumi.ResourceOptions(protect=hosting.protect)),
    )
    _open_to_everyone(name, service, hosting, parent)
    ready = pulumi.Output.all(service.name, service.uri, service.terminal_conditions).apply(_ready)
    return PublicService(url=ready, version=version)


def _ready(service: list[Any]) -> str:
    """Return the address of a service (name, address, conditions), or raise ``NotReadyError``.

    A failed deployment fails one update only; the next finds nothing to change, and would call it a success. In a
    preview the failure may be one that the update is about to mend.
    """
    name, uri, conditions = cast("tuple[str, str, Sequence[Mapping[str, str]] | None]", tuple(service))
    for condition in conditions or []:
        if condition["state"] == "CONDITION_FAILED" and not pulumi.runtime.is_dry_run():
            raise NotReadyError(
                f"Cloud Run's service {name} is not ready: {condition['message']} When the cause is gone, make a new "
                "revision: change its source or one of its settings (memory, say), and run `pulumi up` again."
            )
    return uri


def _enabled_apis(name: str, workload: Workload, parent: pulumi.Resource) -> Sequence[projects.Service]:
    apis = ["run", "iam"] if workload.image else ["run", "iam", "storage"]
    return [
        # Whatever else the project runs may need them, too, so they stay enabled.
        projects.Service(
            f"{name}-api-{api}",
            service=f"{api}.googleapis.com",
            disable_on_destroy=False,
            opts=pulumi.ResourceOptions(parent=parent),
        )
        for api in apis
    ]


def _code(
    name: str, workload: Workload, hosting: Hosting, platform: Platform, opts: pulumi.ResourceOptions
) -> tuple[cloudrunv2.ServiceTemplateContainerArgsDict, str]:
    """Return what a container runs, the image or else the archive, and its version."""
    if workload.image:
        return {"image": workload.image}, workload.image
    packed = archive(workload.package, platform)
    stored = _stored(name, packed, hosting, opts)
    return {
        # The literal of a deploy without a build: https://docs.cloud.google.com/run/docs/deploying-source-code
        "image": "scratch",
        "base_image_uri": hosting.runtime,
        "source_code": {
            "cloud_storage_source": {
                "bucket": stored.bucket,
                "object": stored.name,
                # Google's API speaks of generations in strings.
                "generation": stored.generation.apply(str),
            }
        },
        "commands": ["python"],
        "args": ["-m", workload.package, *workload.arguments],
    }, packed.version


def _stored(name: str, packed: Archive, hosting: Hosting, opts: pulumi.ResourceOptions) -> storage.BucketObject:
    bucket = storage.Bucket(
        f"{name}-archives",
        name=google_name(f"{hosting.project}-{name}-{hosting.stack}", 63),
        location=hosting.region,
        uniform_bucket_level_access=True,
        public_access_prevention="enforced",
        versioning={"enabled": True},
        lifecycle_rules=[{"action": {"type": "Delete"}, "condition": {"days_since_noncurrent_time": _KEPT_DAYS}}],
        soft_delete_policy={"retention_duration_seconds": 0},
        force_destroy=True,
        opts=opts,
    )
    return storage.BucketObject(
        f"{name}-archive",
        bucket=bucket.name,
        name=packed.name,
        source=pulumi.FileAsset(packed.path),
        content_type="application/gzip",
        # The provider would delete the old archive first, and the live revision would point at nothing meanwhile.
        opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(delete_before_replace=False)),
    )


def _container(
    code: cloudrunv2.ServiceTemplateContainerArgsDict, workload: Workload, hosting: Hosting
) -> cloudrunv2.ServiceTemplateContainerArgsDict:
    """Complete ``code`` with what a container is given whatever it runs."""
    return {
        **code,
        "envs": [{"name": key, "value": value} for key, value in workload.environment.items()],
        "ports": {"container_port": _PORT},
        "resources": {
            "limits": {"cpu": hosting.cpu, "memory": hosting.memory},
            "cpu_idle": True,
            "startup_cpu_boost": True,
        },
        # Asked every second: a cold start ends when it has ended.
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


def _open_to_everyone(name: str, service: cloudrunv2.Service, hosting: Hosting, parent: pulumi.Resource) -> None:
    """Let Auth0 in by an IAM member, where the service itself is not open to everyone."""
    if hosting.public_access == "all-users":
        cloudrunv2.ServiceIamMember(
            f"{name}-everyone-may-call",
            name=service.name,
            location=service.location,
            role="roles/run.invoker",
            member="allUsers",
            opts=pulumi.ResourceOptions(parent=parent),
        )
