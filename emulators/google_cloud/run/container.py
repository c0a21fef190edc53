"""A container as a revision's template declares it, in the words of the Admin API v2."""

import http.client
import os
import socket
import sys
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from emulators.google_cloud.errors import JsonObject

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
        """Read a probe, with Cloud Run's defaults for what it leaves open."""
        http_get: JsonObject | None = probe.get("httpGet")
        return cls(
            path=http_get.get("path", "/") if http_get is not None else None,
            headers={header["name"]: header.get("value", "") for header in (http_get or {}).get("httpHeaders", [])},
            delay=probe.get("initialDelaySeconds", 0),
            period=probe.get("periodSeconds", 10),
            timeout=probe.get("timeoutSeconds", 1),
            threshold=probe.get("failureThreshold", 3),
        )

    def passes(self, port: int) -> bool:
        """Ask once: a connection, or an HTTP answer from 200 to 399, within the timeout."""
        try:
            if self.path is None:
                socket.create_connection(("127.0.0.1", port), self.timeout).close()
                return True
            with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=self.timeout)) as connection:
                connection.request("GET", self.path, headers=self.headers)
                answer = connection.getresponse()
                answer.read()
                return answer.status in range(200, 400)
        except (OSError, http.client.HTTPException):
            return False

    def __str__(self) -> str:
        """Name the probe the way Cloud Run's logs do."""
        return "TCP" if self.path is None else f"HTTP GET {self.path}"


@dataclass(frozen=True, kw_only=True)
class Container:
    """What is started, and how it is asked whether it lives; ``timeout`` of a request in seconds."""

    command: list[str]
    environment: dict[str, str]
    port: int
    startup: Probe
    liveness: Probe | None
    cpu_idle: bool
    timeout: float

    @classmethod
    def from_template(cls, template: JsonObject) -> Self:
        """Read the one container of a template whose defaults are filled in."""
        container = template["containers"][0]
        return cls(
            command=[*container.get("command", []), *container.get("args", [])],
            environment={variable["name"]: variable.get("value", "") for variable in container.get("env", [])},
            port=container["ports"][0]["containerPort"],
            startup=Probe.from_json(container["startupProbe"]),
            liveness=Probe.from_json(container["livenessProbe"]) if "livenessProbe" in container else None,
            cpu_idle=bool(container["resources"].get("cpuIdle")),
            timeout=float(template["timeout"].removesuffix("s")),
        )

    def command_line(self) -> list[str]:
        """Return the command with ``python`` as the interpreter that runs this, outside its virtual environment.

        The base image brings no packages either, so that a wheel missing from the archive is missed here too; nor
        does the user's own folder of packages (``-s``).
        """
        program, *arguments = self.command
        interpreter = [str(Path(sys.executable).resolve()), "-s"]
        return [*(interpreter if program in {"python", "python3"} else [program]), *arguments]

    def process_environment(self, port: int, names: dict[str, str]) -> dict[str, str]:
        """Return what the process sees: declared variables, Cloud Run's own, and what an interpreter needs to start."""
        kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
        # A laptop opens nothing to its network: a service that asks for all interfaces gets the loopback one.
        host = {"HOST": "127.0.0.1"} if "HOST" in self.environment else {}
        return {"PATH": os.defpath} | kept | self.environment | host | names | {"PORT": str(port)}
