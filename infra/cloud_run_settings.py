"""Where and how services run in Cloud Run."""

from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Self, TypedDict

import pulumi

from infra import vendor_rules as rules
from infra.archive.build import Platform
from infra.arguments import check_arguments, raise_for
from infra.config_reader import read_provider_setting
from infra.vendor_rules import THIS_PYTHON, ServiceSize

# The environment variables of the Google provider, in its order.
PROJECT_VARIABLES = ("GOOGLE_PROJECT", "GOOGLE_CLOUD_PROJECT", "GCLOUD_PROJECT", "CLOUDSDK_CORE_PROJECT")
REGION_VARIABLES = ("GOOGLE_REGION", "GCLOUD_REGION", "CLOUDSDK_COMPUTE_REGION")


class PublicAccess(Enum):
    """How Auth0, which has no Google identity, may call a service."""

    INVOKER_IAM_DISABLED = "invoker-iam-disabled"
    """The service does not check its callers."""
    ALL_USERS = "all-users"
    """Everybody may call the service, for organisations that forbid the first."""


class Hosting(TypedDict, total=False):
    """Where and how a service runs in Cloud Run."""

    project: str
    """The Google Cloud project; by default the one in the stack's configuration."""
    region: str
    """The region; by default the one in the stack's configuration."""
    runtime: str
    """Cloud Run's Python, python311 to python314; by default the Python that builds the archive."""
    min_instances: int
    """Instances that are kept warm; by default 0."""
    max_instances: int
    """Instances at most; by default 5."""
    concurrency: int
    """Requests at the same time for each instance; by default 80."""
    cpu: str
    """CPUs of an instance; by default 1."""
    memory: str
    """Memory of an instance; by default 512Mi."""
    public_access: PublicAccess
    """How Auth0 may call the service; by default invoker-iam-disabled."""
    service_account: pulumi.Input[str]
    """E-mail address of an existing service account; by default one without roles is created."""
    archive_bucket: pulumi.Input[str]
    """Name of an existing bucket for the archives; by default one is created."""
    kms_key: pulumi.Input[str]
    """Cloud KMS key that encrypts the bucket that is created."""
    labels: Mapping[str, pulumi.Input[str]]
    """Labels of the service and of the bucket that is created."""


@dataclass(frozen=True, kw_only=True)
class ResolvedHosting:
    """A ``Hosting`` with its defaults; ``platform`` is what the archive is built for.

    ``project_argument`` is None where resources use their provider's project.
    """

    project: str
    project_argument: str | None
    region: str
    runtime: str
    size: ServiceSize
    public_access: PublicAccess
    protect: bool
    platform: Platform
    service_account: pulumi.Input[str] | None = None
    archive_bucket: pulumi.Input[str] | None = None
    kms_key: pulumi.Input[str] | None = None
    labels: Mapping[str, pulumi.Input[str]] = field(default_factory=dict[str, pulumi.Input[str]])

    @classmethod
    def resolve(cls, hosting: Hosting, *, protect: bool, platform: Platform, builds_archive: bool) -> Self:
        """Fill in the defaults, or raise ``ArgumentsError``."""
        size = _size(hosting)
        texts = {
            "project": hosting.get("project") or read_provider_setting("gcp:project", PROJECT_VARIABLES),
            "region": hosting.get("region") or read_provider_setting("gcp:region", REGION_VARIABLES),
            "runtime": hosting.get("runtime") or THIS_PYTHON,
        }
        check_arguments({"hosting": {**texts, "cpu": size.cpu, "memory": size.memory}})
        raise_for(hosting_problems(hosting, "hosting.", builds_archive=builds_archive))
        return cls(
            **texts,
            project_argument=hosting.get("project"),
            size=size,
            public_access=hosting.get("public_access", PublicAccess.INVOKER_IAM_DISABLED),
            protect=protect,
            platform=platform,
            service_account=hosting.get("service_account"),
            archive_bucket=hosting.get("archive_bucket"),
            kms_key=hosting.get("kms_key"),
            labels=hosting.get("labels", {}),
        )


def hosting_problems(hosting: Hosting, prefix: str, *, builds_archive: bool) -> Generator[str]:
    """Yield a sentence for each value that does not go with another; ``prefix`` precedes its name."""
    yield from _size(hosting).problems(prefix)
    if builds_archive:
        yield from rules.runtime_problems(hosting.get("runtime") or THIS_PYTHON, prefix)


def _size(hosting: Hosting) -> ServiceSize:
    default = ServiceSize()
    return ServiceSize(
        min_instances=hosting.get("min_instances", default.min_instances),
        max_instances=hosting.get("max_instances", default.max_instances),
        concurrency=hosting.get("concurrency", default.concurrency),
        cpu=hosting.get("cpu", default.cpu),
        memory=hosting.get("memory", default.memory),
    )
