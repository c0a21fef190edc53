"""Alerts under Pulumi's engine, on the stand-in plugin and the emulated Monitoring API."""

from collections.abc import Generator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from pulumi.automation import ConfigValue, LocalWorkspace, ProjectSettings, PulumiCommand, Stack
from pulumi.automation.events import EngineEvent

from emulators.google_cloud import Caller
from infra.alerts import Alerts, AlertsArgs
from infra.permissions import DEPLOYER_ALERT_ROLES
from rehearsal.emulated_vendors import EmulatedVendors, emulated_vendors
from rehearsal.environment import clean_environment
from rehearsal.plugins import plugin_environment
from rehearsal.stack import Secret
from tests.support.schemas import google

pytestmark = pytest.mark.engine


@dataclass
class OneProxy:
    """A stack whose program declares the alerts of one proxy; tests change e-mail and address."""

    vendors: EmulatedVendors
    email: str = "on-call@example.com"
    url: str = "https://token-proxy-abc-ew.a.run.app"
    said: list[str] = field(default_factory=list[str])

    def program(self) -> None:
        Alerts(
            "alerts",
            AlertsArgs(
                email=self.email,
                title="TikTok sign-in (dev)",
                service_name="tiktok-proxy-dev",
                url=self.url,
                project=self.vendors.cloud.project,
            ),
        )

    def declared(self, collection: str) -> list[dict[str, Any]]:
        return [each for name, each in self.vendors.cloud.monitoring.items() if f"/{collection}/" in name]


@pytest.fixture
def proxy() -> Generator[OneProxy]:
    with clean_environment(), emulated_vendors() as vendors:
        vendors.cloud.deployer = Caller(roles=frozenset(DEPLOYER_ALERT_ROLES))
        yield OneProxy(vendors)
        assert not google.violations(vendors.cloud.received)


@pytest.fixture
def stack(proxy: OneProxy, pulumi: PulumiCommand, tmp_path: Path) -> Generator[Stack]:
    with plugin_environment("stand-in", proxy.vendors, tmp_path, pulumi) as environment:
        workspace = LocalWorkspace(
            str(tmp_path),
            program=proxy.program,
            project_settings=ProjectSettings(name="tiktok-login", runtime="python"),
            env_vars={**environment},
            pulumi_command=pulumi,
        )
        stack = Stack.create("one", workspace)
        settings = {key: value for key, value in proxy.vendors.configuration().items() if key.startswith("gcp:")}
        values = {key: ConfigValue(value, isinstance(value, Secret)) for key, value in settings.items()}
        stack.set_all_config(values, path=True)
        yield stack


def _operations(events: list[EngineEvent]) -> list[tuple[str, str]]:
    steps = [event.resource_pre_event.metadata for event in events if event.resource_pre_event]
    return sorted((step.op.value, step.urn.rpartition("::")[2]) for step in steps if step.op.value != "same")


def test_alerts_are_created_changed_and_deleted(stack: Stack, proxy: OneProxy) -> None:
    stack.up()

    [channel] = proxy.declared("notificationChannels")
    assert channel["labels"] == {"email_address": "on-call@example.com"}
    [check] = proxy.declared("uptimeCheckConfigs")
    assert check["monitoredResource"]["labels"] == {"project_id": "proj-1", "host": "token-proxy-abc-ew.a.run.app"}
    policies = proxy.declared("alertPolicies")
    assert [each["notificationChannels"] for each in policies] == [[channel["name"]]] * 2
    assert check["name"].rpartition("/")[2] in str(policies)

    stack.preview(refresh=True, expect_no_changes=True)

    proxy.email = "somebody-else@example.com"
    changed: list[EngineEvent] = []
    stack.up(on_event=changed.append)
    assert _operations(changed) == [("update", "alerts-email")]
    assert proxy.declared("notificationChannels")[0]["labels"]["email_address"] == "somebody-else@example.com"

    proxy.url = "https://token-proxy-xyz-ew.a.run.app"
    moved: list[EngineEvent] = []
    stack.up(on_event=moved.append)
    assert {name for _, name in _operations(moved)} == {"alerts-uptime", "alerts-down"}
    assert len(proxy.declared("uptimeCheckConfigs")) == 1
    stack.preview(refresh=True, expect_no_changes=True)

    stack.destroy()
    assert proxy.vendors.cloud.monitoring == {}
