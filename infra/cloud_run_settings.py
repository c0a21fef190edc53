"""Where and how services run in Cloud Run."""

from dataclasses import dataclass
from enum import Enum
from typing import Self, TypedDict

import pulumi

from infra.archive.build import Platform
from infra.vendor_rules import THIS_PYTHON, ServiceSize


class ArgumentsError(pulumi.RunError):
    """Arguments that a vendor would refuse. Pulumi shows the message without a traceback."""


class PublicAccess(Enum):
    """How Auth0, which has no Google identity, may call a service."""

    INVOKER_IAM_DISABLED = "invoker-iam-disabled"
    ALL_USERS = "all-users"


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


@dataclass(frozen=True, kw_only=True)
class ResolvedHosting:
    """A ``Hosting`` with its defaults; ``platform`` is what the archive is built for."""

    project: str
    region: str
    runtime: str
    size: ServiceSize
    public_access: PublicAccess
    protect: bool
    platform: Platform

    @classmethod
    def resolve(cls, hosting: Hosting, *, protect: bool, platform: Platform) -> Self:
        """Fill in the defaults, or raise ``ArgumentsError``."""
        google = pulumi.Config("gcp")
        size = ServiceSize(
            # Numbers that come from another language are floats.
            min_instances=int(hosting.get("min_instances", ServiceSize.min_instances)),
            max_instances=int(hosting.get("max_instances", ServiceSize.max_instances)),
            concurrency=int(hosting.get("concurrency", ServiceSize.concurrency)),
            cpu=hosting.get("cpu", ServiceSize.cpu),
            memory=hosting.get("memory", ServiceSize.memory),
        )
        return cls(
            project=hosting.get("project") or google.require("project"),
            region=hosting.get("region") or google.require("region"),
            runtime=hosting.get("runtime") or THIS_PYTHON,
            size=size,
            public_access=hosting.get("public_access", PublicAccess.INVOKER_IAM_DISABLED),
            protect=protect,
            platform=platform,
        )
