"""The alerts of a stack with ``alertEmail``."""

from collections.abc import Mapping
from typing import Any

from tests.support.infra.declaring import Recorder
from tests.support.infra.stacks import deployed


class _Recorder(Recorder):
    """A recorder that computes what Cloud Monitoring would."""

    computed: Mapping[str, Mapping[str, Any]] = {
        **Recorder.computed,
        "monitoring/uptimeCheckConfig:UptimeCheckConfig": {"uptimeCheckId": "check-1"},
    }


def test_the_uptime_check_asks_for_health_by_https_and_checks_the_certificate() -> None:
    check = deployed("dev", _Recorder(), alertEmail="on-call@example.com").only("UptimeCheckConfig").inputs
    assert check["monitoredResource"]["labels"]["host"] == "token-proxy-abc-ew.a.run.app"
    assert check["httpCheck"] == {
        "path": "/health",
        "port": 443,
        "useSsl": True,
        "validateSsl": True,
        "requestMethod": "GET",
    }


def test_a_stack_without_an_address_is_not_watched() -> None:
    assert not [each for each in deployed().declared if "monitoring" in each.type]
