"""What Auth0, Google Cloud and TikTok accept, in one table, so that a preview refuses what they would refuse."""

import re
import sys
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from hashlib import sha256

from infra.config_reader import Rule

# TikTok
CLIENT_KEY = Rule("the client key of an app in TikTok's portal", r"[\w-]+")
SCOPES = Rule("a list of TikTok's scopes, such as [user.info.basic]", r"[a-z_]+(\.[a-z_]+)+")
BASIC_SCOPE = "user.info.basic"  # the scope that includes both ids of a person

# Auth0: https://auth0.com/docs/api/management/v2/connections/post-connections
AUTH0_DOMAIN = Rule(
    "the tenant's domain without https://, such as example.eu.auth0.com", r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*(:\d{1,5})?"
)
CLIENT_ID = Rule("the client id of an Auth0 application", r"[\w-]+")
CLIENT_IDS = Rule("a list of Auth0 client ids", CLIENT_ID.pattern)
CONNECTION_NAME = Rule(
    "at most 128 letters, digits and single hyphens between them", r"(?!.{129})[A-Za-z0-9]+(-[A-Za-z0-9]+)*"
)
DISPLAY_NAME = Rule("at most 128 characters", r".{1,128}")
ICON_URL = Rule("an https address", r"https://[^\s/]+\S*")

# Google Cloud: https://docs.cloud.google.com/resource-manager/docs/creating-managing-projects; older projects may begin
# with a domain and a colon.
PROJECT = Rule("a project's id", r"([a-z0-9.-]+:)?[a-z][a-z0-9-]{4,28}[a-z0-9]")
REGION = Rule(
    "a region such as europe-west1",
    r"(africa|asia|australia|europe|me|northamerica|southamerica|us)-(north|south|east|west|central)(east|west)?\d{1,2}",
)
# Cloud Run pulls from these hosts only: https://docs.cloud.google.com/run/docs/deploying#images
IMAGE = Rule(
    "a container image on docker.io, gcr.io or docker.pkg.dev",
    r"((docker\.io|([a-z]+\.)?gcr\.io|[a-z0-9-]+-docker\.pkg\.dev)/([a-z0-9._-]+/)*|[a-z0-9_-]+/([a-z0-9._-]+/)*)?"
    r"[a-z0-9]+([._-]+[a-z0-9]+)*(:\w[\w.-]{0,127})?(@sha256:[0-9a-f]{64})?",
)
EMAIL = Rule("an e-mail address", r"[^@\s]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
# https://docs.cloud.google.com/run/docs/configuring/services/cpu and .../memory-limits
CPU = Rule("1, 2, 4, 6 or 8, or from 0.08 to 0.99", r"[12468]|0\.(0[89]|[1-9]\d?)")
MEMORY = Rule("an amount such as 512Mi or 1Gi", r"[1-9]\d{0,5}[MG]i")
_MEMORY_BY_CPU = {  # from this many CPUs on: MiB at least and at most
    0.0: (128, 512),
    0.5: (128, 1024),
    1.0: (128, 4096),
    2.0: (128, 8192),
    4.0: (2048, 16384),
    6.0: (4096, 24576),
    8.0: (4096, 32768),
}
MOST_INSTANCES = 1000  # the quota of a region, which may be lower: https://docs.cloud.google.com/run/quotas
MOST_REQUESTS = 1000
# The default stack of each runtime: https://docs.cloud.google.com/run/docs/runtimes/python
_BASE_IMAGE_STACKS = {
    "python311": "google-22",
    "python312": "google-22",
    "python313": "google-22",
    "python314": "google-24",
}
RUNTIMES = tuple(_BASE_IMAGE_STACKS)
RUNTIME = Rule(" or ".join(RUNTIMES), "|".join(RUNTIMES))
# The Python that runs Pulumi compiles the archive, so the same minor version must run it.
THIS_PYTHON = f"python{sys.version_info.major}{sys.version_info.minor}"


@dataclass(frozen=True, kw_only=True)
class ServiceSize:
    """How much of Cloud Run a service may use; Cloud Run accepts only some combinations.

    Pulumi sends whole numbers as floats.
    """

    min_instances: int = 0
    max_instances: int = 5
    concurrency: int = 80
    cpu: str = "1"
    memory: str = "512Mi"

    def problems(self, prefix: str = "") -> Generator[str]:
        """Yield a sentence for each wrong number or pair of values; ``prefix`` precedes its name."""
        numbers = (
            ("minInstances", self.min_instances, 0, MOST_INSTANCES),
            ("maxInstances", self.max_instances, 1, MOST_INSTANCES),
            ("concurrency", self.concurrency, 1, MOST_REQUESTS),
        )
        for name, value, lowest, highest in numbers:
            path = prefix + name
            if value != int(value) or not lowest <= value <= highest:
                yield f"{path} must be a whole number from {lowest} to {highest}, not {value:g}."
        fewest, most = f"{self.min_instances:g}", f"{self.max_instances:g}"
        if self.min_instances > self.max_instances:
            yield f"{prefix}minInstances must be at most maxInstances ({most}), not {fewest}."
        if float(self.cpu) < 1 < self.concurrency:
            yield f"{prefix}concurrency must be 1 with a cpu below 1, not {self.concurrency:g}."
        least, most = _MEMORY_BY_CPU[max(cpus for cpus in _MEMORY_BY_CPU if cpus <= float(self.cpu))]
        if not least <= mebibytes(self.memory) <= most:
            yield f"{prefix}memory must be from {least}Mi to {most}Mi with a cpu of {self.cpu}, not {self.memory!r}."


def scope_problems(scopes: Sequence[str], prefix: str = "") -> Generator[str]:
    """Yield a sentence if the scope that grants the user's id is missing."""
    if BASIC_SCOPE not in scopes:
        yield f"{prefix}scopes must include {BASIC_SCOPE}, which grants the user's id."


def mebibytes(memory: str) -> int:
    """Convert an amount that follows ``MEMORY``."""
    return int(memory[:-2]) * (1024 if memory.endswith("Gi") else 1)


def runtime_problems(runtime: str, prefix: str = "") -> Generator[str]:
    """Yield a sentence if this Python cannot compile an archive for ``runtime``."""
    if runtime != THIS_PYTHON:
        yield (
            f"{prefix}runtime must be {THIS_PYTHON}, the Python that runs Pulumi and compiles the archive, not "
            f"{runtime!r}: change it, or create .venv with the Python of the runtime."
        )


def base_image(region: str, runtime: str) -> str:
    """Return the full path of a runtime's base image, because Cloud Run's answers have the full path."""
    return f"{region}-docker.pkg.dev/serverless-runtimes/{_BASE_IMAGE_STACKS[runtime]}/runtimes/{runtime}"


def google_name(text: str, longest: int) -> str:
    """Spell ``text`` with a letter first, then lower-case letters, digits and hyphens: 6 to ``longest`` characters.

    If that changes it, six hex digits of its SHA-256 keep it apart from texts that are spelled alike.
    """
    plain = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")
    if re.fullmatch(r"[a-z][a-z0-9-]{5,}", plain) and plain == text and len(plain) <= longest:
        return plain
    start = plain if plain[:1].isalpha() else f"x{plain}"
    return f"{start[: longest - 7].rstrip('-')}-{sha256(text.encode()).hexdigest()[:6]}"


def bucket_name_problems(name: str) -> Generator[str]:
    """Yield a sentence if Cloud Storage refuses ``name``: https://docs.cloud.google.com/storage/docs/buckets#naming."""
    if name.startswith("goog") or "google" in name.translate(str.maketrans("013", "ole")):
        yield (
            f"The archive's bucket would be called {name!r}, but Cloud Storage refuses names that begin with goog or "
            "contain google or a misspelling of it: choose another name for the stack."
        )


def label(text: str) -> str:
    """Spell ``text`` as a label's value: at most 63 lower-case letters, digits, hyphens and underscores."""
    return re.sub(r"[^a-z0-9_-]", "-", text.lower())[-63:].strip("-")
