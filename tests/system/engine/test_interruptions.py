"""An update that is interrupted by a lost network or by Ctrl-C."""

import os
import signal
import subprocess
import threading
from collections.abc import Generator
from urllib.parse import urlsplit

import pytest

from rehearsal.stack import configure
from tests.support.engine.cable import Cable, cable
from tests.support.engine.driving import CONNECTIONS, SERVICES, Driver, changing
from tests.support.engine.signing_in import exchange


@pytest.fixture
def to_cloud_run(own_world: Driver) -> Generator[Cable]:
    """Lay a cable to Cloud Run's API, and leave the other APIs as they are."""
    with cable(urlsplit(own_world.vendors.google_origin).port or 0) as laid:
        configure(own_world.stack, {"gcp:cloudRunV2CustomEndpoint": f"http://127.0.0.1:{laid.port}/v2/"})
        yield laid


def interrupt_engine() -> None:
    """Press Ctrl-C at the engine that this process runs."""
    search = ["pgrep", "-P", str(os.getpid()), "-x", "pulumi"]
    found = subprocess.run(search, capture_output=True, text=True, check=True)  # noqa: S603  # fixed arguments
    for number in found.stdout.split():
        os.kill(int(number), signal.SIGINT)


def test_without_a_network_half_way_the_next_update_finishes_the_job(own_world: Driver, to_cloud_run: Cable) -> None:
    to_cloud_run.cut()
    said = own_world.refusal(own_world.up)
    assert f'"http://127.0.0.1:{to_cloud_run.port}/v2/' in said
    assert "tiktok-proxy-archive" in own_world.resources()
    assert "tiktok-proxy-service" not in own_world.resources()

    to_cloud_run.mend()
    before = len(own_world.vendors.cloud.received)
    own_world.up()

    answer = exchange(own_world, own_world.vendors.client_secret)
    assert answer.status_code == 200, answer.text
    calls = changing(own_world.vendors.cloud.received[before:])
    assert calls == [f"POST {SERVICES}"]
    assert changing(own_world.vendors.tenant.received).count(f"POST {CONNECTIONS}") == 1
    assert own_world.preview(refresh=True) == []


def test_after_ctrl_c_the_next_update_finishes_the_job(own_world: Driver, to_cloud_run: Cable) -> None:
    to_cloud_run.hold()
    said: list[str] = []
    update = threading.Thread(target=lambda: said.append(own_world.refusal(own_world.up)))
    update.start()
    assert to_cloud_run.held.wait(60)
    interrupt_engine()
    to_cloud_run.release()
    update.join(60)

    assert "cancel" in said[0].lower()
    assert "tiktok-proxy-archive" in own_world.resources()
    assert CONNECTIONS not in str(changing(own_world.vendors.tenant.received))
    own_world.up()
    # The interrupted update no longer waited for the service, and the next one finds nothing in it to change.
    for operation in own_world.vendors.cloud.operations.values():
        operation.join()
    answer = exchange(own_world, own_world.vendors.client_secret)
    assert answer.status_code == 200, answer.text
    assert changing(own_world.vendors.cloud.received, SERVICES).count(f"POST {SERVICES}") == 1
    assert changing(own_world.vendors.tenant.received).count(f"POST {CONNECTIONS}") == 1
    assert own_world.preview(refresh=True) == []
