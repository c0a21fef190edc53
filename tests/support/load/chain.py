"""A deployment for load tests, and the faults of the proxy's process in it."""

import os
import signal
import subprocess
from dataclasses import dataclass
from typing import Any

import httpx2

from emulators.google_cloud.run.instance import Instance
from emulators.google_cloud.run.service import Service
from emulators.tiktok import App
from rehearsal.emulated_vendors import EmulatedVendors
from tests.support.engine.driving import Driver
from tests.support.google_cloud.deploying import Deployer, eventually
from tests.support.load.turnstile import Turnstile

_DEATH_SECONDS = 10


@dataclass(frozen=True)
class Chain:
    """A deployment whose proxy and profile script find TikTok's API behind the turnstile."""

    driver: Driver
    turnstile: Turnstile

    @property
    def vendors(self) -> EmulatedVendors:
        """The emulated vendors."""
        return self.driver.vendors

    @property
    def app(self) -> App:
        """What is registered with TikTok."""
        return self.vendors.tiktok.apps[self.vendors.client_key]

    @property
    def service(self) -> Service:
        """The proxy's service in Cloud Run."""
        return self.vendors.cloud.service("tiktok-proxy-rehearsal")

    @property
    def options(self) -> dict[str, Any]:
        """What Auth0's connection knows of TikTok and of the proxy."""
        (connection,) = self.vendors.tenant.connections.values()
        return connection["options"]

    @property
    def callback(self) -> str:
        """Where TikTok sends browsers back to."""
        return f"{self.vendors.login_origin}/login/callback"

    def proxy(self) -> Instance:
        """Return the one instance of the proxy that serves; without one, start it."""
        return self.service.take()

    def kill(self) -> None:
        """Kill the proxy's process, and return when it is gone."""
        killed = self.proxy()
        os.kill(killed.group, signal.SIGKILL)
        eventually(lambda: not killed.alive, _DEATH_SECONDS)

    def freeze(self) -> None:
        """Stop the proxy's process with SIGSTOP, and wait until it is stopped."""
        os.kill(self.proxy().group, signal.SIGSTOP)
        self.await_standstill()

    def await_standstill(self) -> None:
        """Wait until the proxy's process is stopped, by ``freeze`` or by the emulated Cloud Run."""
        eventually(lambda: _seen("stat", self.proxy())[0] == "T")

    def thaw(self) -> None:
        """Continue the stopped process."""
        os.kill(self.proxy().group, signal.SIGCONT)

    def replace(self) -> None:
        """Deploy a new revision by what an update of the stack sends, and return when it alone serves.

        The engine itself would take a minute for it in a process that is as busy as that of the tests.
        """
        headers = {"authorization": "Bearer any"}
        with httpx2.Client(base_url=self.vendors.google_origin, headers=headers, trust_env=False, timeout=20) as http:
            deployer = Deployer(http)
            service = deployer.service(self.service.name)
            limits = service["template"]["containers"][0]["resources"]["limits"]
            limits["memory"] = "1Gi" if limits["memory"] != "1Gi" else "512Mi"
            assert "error" not in deployer.update(service, self.service.name)

    def resident_kib(self) -> int:
        """Return the memory that the proxy's process holds."""
        return int(_seen("rss", self.proxy()))


def _seen(column: str, instance: Instance) -> str:
    command = ["/bin/ps", "-o", f"{column}=", "-p", str(instance.group)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()  # noqa: S603  # ps is on every system
