"""Where and how services run in Cloud Run, as the settings say."""

import sys
from collections.abc import Generator
from dataclasses import dataclass
from typing import Self

import pulumi

from infra.config_reader import Reader

# The archive is compiled by the Python that runs Pulumi, so that one has to run it, too.
THIS_PYTHON = f"python{sys.version_info.major}{sys.version_info.minor}"
# Where the Google provider looks for what is not in the stack's file, in this order.
PROJECT_VARIABLES = ("GOOGLE_PROJECT", "GOOGLE_CLOUD_PROJECT", "GCLOUD_PROJECT", "CLOUDSDK_CORE_PROJECT")
REGION_VARIABLES = ("GOOGLE_REGION", "GCLOUD_REGION", "CLOUDSDK_COMPUTE_REGION")
# https://docs.cloud.google.com/run/quotas and /run/docs/configuring/services/cpu
_MOST_INSTANCES = 1000
_MOST_REQUESTS = 1000


@dataclass(frozen=True, kw_only=True)
class Hosting:
    """A project and region of Google Cloud, and the size of what runs there."""

    stack: str
    project: str
    region: str
    runtime: str
    min_instances: int
    max_instances: int
    concurrency: int
    cpu: str
    memory: str
    public_access: str
    protect: bool

    @classmethod
    def read(cls, reader: Reader, *, protect: bool) -> Self:
        """Read it through ``reader``, which keeps what is wrong."""
        return cls(
            stack=pulumi.get_stack(),
            project=reader.provider("gcp:project", PROJECT_VARIABLES, takes="a project's id", pattern=r"[a-z0-9.:-]+"),
            region=reader.provider(
                "gcp:region", REGION_VARIABLES, takes="a region, as europe-west1", pattern=r"[a-z]+-[a-z]+\d+"
            ),
            runtime=reader.choice("runtime", "python311", "python312", "python313", "python314"),
            min_instances=reader.number("minInstances", 0, _MOST_INSTANCES),
            max_instances=reader.number("maxInstances", 1, _MOST_INSTANCES),
            concurrency=reader.number("concurrency", 1, _MOST_REQUESTS),
            cpu=reader.text("cpu", takes="1, 2, 4, 6 or 8, or 0.08 to 0.99", pattern=r"[12468]|0\.(0[89]|[1-9]\d?)"),
            memory=reader.text("memory", takes="an amount, as 512Mi or 1Gi", pattern=r"[1-9]\d*[MG]i"),
            public_access=reader.choice("publicAccess", "invoker-iam-disabled", "all-users"),
            protect=protect,
        )

    def contradictions(self, project: str, *, packs: bool) -> Generator[str]:
        """Say, a sentence each, which settings of ``project`` do not go together; ``packs``: an archive is made."""
        if packs and self.runtime != THIS_PYTHON:
            yield (
                f"{project}:runtime is {self.runtime}, but Pulumi runs on {THIS_PYTHON}, which compiles for it: "
                f"set it to {THIS_PYTHON}, or make .venv anew with the Python of the runtime."
            )
        if self.min_instances > self.max_instances:
            yield f"{project}:minInstances is {self.min_instances}: it takes no more than maxInstances."
        # https://docs.cloud.google.com/run/docs/configuring/services/cpu
        if self.cpu.startswith("0") and self.concurrency > 1:
            yield f"{project}:concurrency is {self.concurrency}: it takes 1 where cpu is below 1."
