"""A public Cloud Run service with everything that it needs in a Google Cloud project."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

import pulumi
from pulumi_gcp import cloudrunv2, projects, serviceaccount, storage

from infra.archive.cache import Archive, archive
from infra.arguments import ArgumentsError
from infra.cloud_run_container import Workload, archive_container, service_arguments
from infra.cloud_run_settings import PublicAccess, ResolvedHosting
from infra.vendor_rules import bucket_name_problems, google_name, label

# Time for a rollback. A rule by age could not tell the live archive from an old one.
_KEPT_DAYS = 30


class NotReadyError(pulumi.RunError):
    """The last deployment of a service failed. Pulumi shows the message without a traceback."""


class CloudRunService(pulumi.ComponentResource):
    """A service that everybody may call, its identity without roles, and the archive that it runs."""

    url: pulumi.Output[str]
    version: pulumi.Output[str]
    service_name: pulumi.Output[str]

    def __init__(
        self, name: str, workload: Workload, hosting: ResolvedHosting, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """Declare it, or raise ``ArchiveError`` or ``ArgumentsError``."""
        super().__init__("tiktok-login:index:CloudRunService", name, {}, opts)
        stack = pulumi.get_stack()
        child = pulumi.ResourceOptions(parent=self)
        # A new project refuses everything else until its APIs are enabled.
        apis = _enable_apis(name, workload, hosting, child)
        needs_apis = pulumi.ResourceOptions.merge(child, pulumi.ResourceOptions(depends_on=apis))
        account = hosting.service_account or _create_account(name, workload, hosting, needs_apis)
        code, version = _code(name, workload, hosting, needs_apis)
        service = cloudrunv2.Service(
            f"{name}-service",
            name=google_name(f"{name}-{stack}", 49),
            project=hosting.project_argument,
            location=hosting.region,
            deletion_protection=hosting.protect,
            labels={**hosting.labels, "stack": label(stack), "version": version.apply(label)},
            **service_arguments(code, workload, hosting, account),
            opts=pulumi.ResourceOptions.merge(needs_apis, pulumi.ResourceOptions(protect=hosting.protect or None)),
        )
        open_to_everyone = _open_to_everyone(name, service, hosting, child)
        # Whatever needs the address also waits for the permission to call it.
        self.url = pulumi.Output.all(
            service.name, service.uri, service.terminal_conditions, *(member.role for member in open_to_everyone)
        ).apply(_ready_url)
        self.version = version
        self.service_name = service.name
        self.register_outputs({"url": self.url, "version": self.version})


def _ready_url(service: list[Any]) -> str:
    """Return the address of a service (name, address, conditions, ...), or raise ``NotReadyError``.

    A failed deployment fails one update only: the next finds nothing to change and would call it a success. In a
    preview, the update may be about to repair it.
    """
    name, uri, conditions = cast("tuple[str, str, Sequence[Mapping[str, str]] | None]", tuple(service[:3]))
    for condition in conditions or []:
        if condition["state"] == "CONDITION_FAILED" and not pulumi.runtime.is_dry_run():
            raise NotReadyError(
                f"The Cloud Run service {name} is not ready: {condition['message']} When the cause is gone, make a new "
                "revision: change its source or one of its settings (memory, say), and run `pulumi up` again."
            )
    return uri


def _create_account(
    name: str, workload: Workload, hosting: ResolvedHosting, opts: pulumi.ResourceOptions
) -> pulumi.Output[str]:
    """Create an identity without roles, and return its e-mail address."""
    stack = pulumi.get_stack()
    account = serviceaccount.Account(
        f"{name}-identity",
        account_id=google_name(f"{name}-{stack}", 30),
        display_name=f"{workload.title} ({stack}); holds no role",
        project=hosting.project_argument,
        opts=opts,
    )
    return account.email


def _enable_apis(
    name: str, workload: Workload, hosting: ResolvedHosting, opts: pulumi.ResourceOptions
) -> Sequence[projects.Service]:
    apis = ["run", "iam"] if workload.image else ["run", "iam", "storage"]
    return [
        # Other services of the project may need them too, so they stay enabled.
        projects.Service(
            f"{name}-api-{api}",
            service=f"{api}.googleapis.com",
            disable_on_destroy=False,
            project=hosting.project_argument,
            opts=opts,
        )
        for api in apis
    ]


def _code(
    name: str, workload: Workload, hosting: ResolvedHosting, opts: pulumi.ResourceOptions
) -> tuple[cloudrunv2.ServiceTemplateContainerArgsDict, pulumi.Output[str]]:
    """Return what a container runs, the image or else the archive, and its version."""
    if workload.image:
        return {"image": workload.image}, pulumi.Output.from_input(workload.image)
    built = archive(workload.package, hosting.platform)
    stored = _store(name, built, hosting, opts)
    # Google's API has generations as strings.
    generation = stored.generation.apply(str)
    return archive_container(workload, hosting, stored.bucket, stored.name, generation), pulumi.Output.from_input(
        built.version
    )


def _store(name: str, built: Archive, hosting: ResolvedHosting, opts: pulumi.ResourceOptions) -> storage.BucketObject:
    return storage.BucketObject(
        f"{name}-archive",
        bucket=hosting.archive_bucket or _create_bucket(name, hosting, opts),
        name=built.name,
        source=pulumi.FileAsset(built.path),
        content_type="application/gzip",
        # The provider would delete the old archive first, and the live revision would have none.
        opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(delete_before_replace=False)),
    )


def _create_bucket(name: str, hosting: ResolvedHosting, opts: pulumi.ResourceOptions) -> pulumi.Output[str]:
    """Create a bucket for archives, and return its name."""
    bucket = storage.Bucket(
        f"{name}-archives",
        name=archive_bucket(name, hosting.project),
        project=hosting.project_argument,
        location=hosting.region,
        labels=hosting.labels or None,
        encryption={"default_kms_key_name": hosting.kms_key} if hosting.kms_key else None,
        uniform_bucket_level_access=True,
        public_access_prevention="enforced",
        versioning={"enabled": True},
        lifecycle_rules=[{"action": {"type": "Delete"}, "condition": {"days_since_noncurrent_time": _KEPT_DAYS}}],
        soft_delete_policy={"retention_duration_seconds": 0},
        force_destroy=True,
        opts=opts,
    )
    return bucket.name


def archive_bucket(name: str, project: str) -> str:
    """Return the name of the bucket for a service's archives, or raise ``ArgumentsError``."""
    bucket = google_name(f"{project}-{name}-{pulumi.get_stack()}", 63)
    for problem in bucket_name_problems(bucket):
        raise ArgumentsError(problem)
    return bucket


def _open_to_everyone(
    name: str, service: cloudrunv2.Service, hosting: ResolvedHosting, opts: pulumi.ResourceOptions
) -> Sequence[cloudrunv2.ServiceIamMember]:
    """Let everyone call a service that checks its callers; return what has to exist for that."""
    if hosting.public_access is PublicAccess.INVOKER_IAM_DISABLED:
        return []
    member = cloudrunv2.ServiceIamMember(
        f"{name}-everyone-may-call",
        name=service.name,
        project=hosting.project_argument,
        location=service.location,
        role="roles/run.invoker",
        member="allUsers",
        opts=opts,
    )
    return [member]
