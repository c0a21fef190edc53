"""A network that goes away, and a person who has seen enough, in the middle of an update."""

import os
import signal
import subprocess
import threading
from collections.abc import Generator
from urllib.parse import urlsplit

import pytest
from pulumi.automation import PulumiCommand

from rehearsal.plugins import Plugins
from rehearsal.stack import configure
from tests.engine.cable import Cable, cable
from tests.engine.driving import CONNECTIONS, SERVICES, Driver, changing, driven
from tests.engine.signing_in import exchange


@pytest.fixture
def fresh(pulumi: PulumiCommand, plugins: Plugins) -> Generator[Driver]:
    """Yield a world of its own, to which nothing was deployed."""
    with driven(pulumi, plugins) as driver:
        yield driver


@pytest.fixture
def to_cloud_run(fresh: Driver) -> Generator[Cable]:
    """Lay a cable to Cloud Run's API, and leave the other APIs as they are."""
    with cable(urlsplit(fresh.world.google_origin).port or 0) as laid:
        configure(fresh.stack, {"gcp:cloudRunV2CustomEndpoint": f"http://127.0.0.1:{laid.port}/v2/"})
        yield laid


def interrupt_engine() -> None:
    """Press Ctrl-C at the engine that this process runs."""
    search = ["pgrep", "-P", str(os.getpid()), "-x", "pulumi"]
    found = subprocess.run(search, capture_output=True, text=True, check=True)  # noqa: S603  # fixed arguments
    for number in found.stdout.split():
        os.kill(int(number), signal.SIGINT)


def test_without_a_network_half_way_the_next_update_finishes_the_job(fresh: Driver, to_cloud_run: Cable) -> None:
    to_cloud_run.cut()
    said = fresh.refusal(fresh.up)
    assert f'"http://127.0.0.1:{to_cloud_run.port}/v2/' in said
    assert "token-proxy-archive" in fresh.resources()
    assert "token-proxy-service" not in fresh.resources()

    to_cloud_run.mend()
    before = len(fresh.world.cloud.exchanges)
    fresh.up()

    assert exchange(fresh, fresh.world.client_secret).status_code == 200
    calls = changing(fresh.world.cloud.exchanges[before:])
    assert calls == [f"POST {SERVICES}"]
    assert changing(fresh.world.tenant.exchanges).count(f"POST {CONNECTIONS}") == 1
    assert fresh.preview(refresh=True) == []


def test_after_ctrl_c_the_next_update_finishes_the_job(fresh: Driver, to_cloud_run: Cable) -> None:
    to_cloud_run.hold()
    said: list[str] = []
    update = threading.Thread(target=lambda: said.append(fresh.refusal(fresh.up)))
    update.start()
    assert to_cloud_run.held.wait(60)
    interrupt_engine()
    to_cloud_run.release()
    update.join(60)

    assert "cancel" in said[0].lower()
    assert "token-proxy-archive" in fresh.resources()
    assert CONNECTIONS not in str(changing(fresh.world.tenant.exchanges))
    fresh.up()
    assert exchange(fresh, fresh.world.client_secret).status_code == 200
    assert changing(fresh.world.cloud.exchanges, SERVICES).count(f"POST {SERVICES}") == 1
    assert changing(fresh.world.tenant.exchanges).count(f"POST {CONNECTIONS}") == 1
    assert fresh.preview(refresh=True) == []
