"""CPU and memory: https://docs.cloud.google.com/run/docs/configuring/services/cpu and .../memory-limits."""

import re
from decimal import Decimal
from typing import NamedTuple

from emulators.google_cloud.errors import ApiError, field_violation
from emulators.google_cloud.wire import JsonObject

_CPU = re.compile(r"(\d+(?:\.\d+)?)(m?)")
_MEMORY = re.compile(r"(\d+)([KMG]i?|k)?")
_UNITS = {"": 1, "k": 10**3, "K": 10**3, "M": 10**6, "G": 10**9, "Ki": 2**10, "Mi": 2**20, "Gi": 2**30}
_WHOLE_CPUS = {1, 2, 4, 6, 8}


class _Range(NamedTuple):
    cpus: Decimal
    """From this many CPUs on."""
    least: str
    most: str


_MEMORY_RANGES = (
    _Range(Decimal(8), "4Gi", "32Gi"),
    _Range(Decimal(6), "4Gi", "24Gi"),
    _Range(Decimal(4), "2Gi", "16Gi"),
    _Range(Decimal(2), "128Mi", "8Gi"),
    _Range(Decimal(1), "128Mi", "4Gi"),
    _Range(Decimal("0.5"), "128Mi", "1Gi"),
    _Range(Decimal("0.08"), "128Mi", "512Mi"),
)
_SECOND_GENERATION_LEAST = "512Mi"


def parse_cpu(text: str) -> Decimal:
    """Return CPUs of a text such as ``0.5`` or ``500m``, or raise ``ApiError`` for an amount that does not exist."""
    match = _CPU.fullmatch(text)
    cpus = Decimal(match[1]) / (1000 if match[2] else 1) if match else Decimal(0)
    if cpus not in _WHOLE_CPUS and not (Decimal("0.08") <= cpus < 1 and cpus * 1000 % 1 == 0):
        raise _cpu_violation("must be 1, 2, 4, 6 or 8, or from 0.08 to 1 in steps of 0.001.")
    return cpus


def check_size(template: JsonObject) -> None:
    """Refuse combinations of CPU, memory, concurrency and execution environment that Cloud Run refuses."""
    resources = template["containers"][0]["resources"]
    cpus = parse_cpu(resources["limits"]["cpu"])
    second_generation = template.get("executionEnvironment") == "EXECUTION_ENVIRONMENT_GEN2"
    if cpus < 1 < template["maxInstanceRequestConcurrency"]:
        raise _cpu_violation("Total cpu < 1 is not supported with concurrency > 1.")
    if cpus < 1 and not resources.get("cpuIdle"):
        raise _cpu_violation("Total cpu < 1 is not supported with cpu always allocated.")
    if cpus < 1 and second_generation:
        raise _cpu_violation("Total cpu < 1 is not supported with gen2 execution environment.")
    _check_memory(resources["limits"]["memory"], cpus, second_generation=second_generation)


def _check_memory(text: str, cpus: Decimal, *, second_generation: bool) -> None:
    _, least, most = next(range_ for range_ in _MEMORY_RANGES if cpus >= range_.cpus)
    if second_generation and _bytes(least) < _bytes(_SECOND_GENERATION_LEAST):
        least = _SECOND_GENERATION_LEAST
    if not _MEMORY.fullmatch(text) or not _bytes(least) <= _bytes(text) <= _bytes(most):
        generation = " with gen2 execution environment" if second_generation else ""
        raise field_violation(
            "template.containers.resources.limits.memory",
            f"Invalid value specified for memory{generation}. For {float(cpus)} CPU, memory must be between {least} "
            f"and {most} inclusive.",
        )


def _bytes(text: str) -> int:
    match = _MEMORY.fullmatch(text)
    return int(match[1]) * _UNITS[match[2] or ""] if match else 0


def _cpu_violation(sentence: str) -> ApiError:
    field = "template.containers.resources.limits.cpu"
    return field_violation(field, f"Invalid value specified for cpu. {sentence}")
