"""The container of a revision's template: its command, environment and probes."""

import http.client
import os
import socket
import sys
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from emulators.google_cloud.wire import JsonObject

_ALL_INTERFACES = {"0.0.0.0", "::"}  # noqa: S104  # compared, not bound
_KEPT = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")


@dataclass(frozen=True, kw_only=True)
class Probe:
    """A probe; times in seconds. Without a ``path`` a TCP connection is enough."""

    path: str | None
    headers: dict[str, str]
    delay: float
    period: float
    timeout: float
    threshold: int

    @classmethod
    def from_json(cls, probe: JsonObject) -> Self:
        """Read a probe, with Cloud Run's defaults for absent fields."""
        http_get: JsonObject | None = probe.get("httpGet")
        return cls(
            path=http_get.get("path", "/") if http_get is not None else None,
            headers={header["name"]: header.get("value", "") for header in (http_get or {}).get("httpHeaders", [])},
            delay=probe.get("initialDelaySeconds", 0),
            period=probe.get("periodSeconds", 10),
            timeout=probe.get("timeoutSeconds", 1),
            threshold=probe.get("failureThreshold", 3),
        )

    def passes(self, address: str, port: int) -> bool:
        """Probe once: a connection, or an HTTP answer from 200 to 399, within the timeout."""
        try:
            if self.path is None:
                socket.create_connection((address, port), self.timeout).close()
                return True
            with closing(http.client.HTTPConnection(address, port, timeout=self.timeout)) as connection:
                connection.request("GET", self.path, headers=self.headers)
                answer = connection.getresponse()
                answer.read()
                return answer.status in range(200, 400)
        except (OSError, http.client.HTTPException):
            return False

    def __str__(self) -> str:
        """Name the probe as Cloud Run's logs do."""
        return "TCP" if self.path is None else f"HTTP GET {self.path}"


@dataclass(frozen=True, kw_only=True)
class Container:
    """The container of a template; ``timeout`` of a request in seconds."""

    command: list[str]
    environment: dict[str, str]
    port: int
    startup: Probe
    liveness: Probe | None
    cpu_idle: bool
    timeout: float

    @classmethod
    def from_template(cls, template: JsonObject, names: dict[str, str]) -> Self:
        """Read the one container of a complete template; ``names`` are Cloud Run's own variables (``K_SERVICE``)."""
        container = template["containers"][0]
        return cls(
            command=[*container.get("command", []), *container.get("args", [])],
            environment={variable["name"]: variable.get("value", "") for variable in container.get("env", [])} | names,
            port=container["ports"][0]["containerPort"],
            startup=Probe.from_json(container["startupProbe"]),
            liveness=Probe.from_json(container["livenessProbe"]) if "livenessProbe" in container else None,
            cpu_idle=bool(container["resources"].get("cpuIdle")),
            timeout=float(template["timeout"].removesuffix("s")),
        )

    def command_line(self) -> list[str]:
        """Return the command, with this interpreter as ``python``, outside its virtual environment.

        Without site (``-S``) it finds nothing but the standard library and the archive, so a wheel that is missing from
        the archive is missing here too.
        """
        program, *arguments = self.command
        interpreter = [str(Path(sys.executable).resolve()), "-S", "-s"]
        return [*(interpreter if program in {"python", "python3"} else [program]), *arguments]

    def process_environment(self, address: str, port: int) -> dict[str, str]:
        """Return the environment of the process: declared variables, PORT, and what an interpreter needs to start."""
        kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
        # 0.0.0.0 is replaced by the instance's own loopback address, so the network cannot reach it.
        host = {"HOST": address} if self.environment.get("HOST") in _ALL_INTERFACES else {}
        return {"PATH": os.defpath} | kept | self.environment | host | {"PORT": str(port)}
