"""An emulated cloud stops everything that it started, however it ends."""

import subprocess
import sys
import tempfile
from pathlib import Path

import httpx2
import pytest

from emulators.google_cloud import GoogleCloud, create_app
from emulators.kit.serving import serving
from tests.support.google_cloud.deploying import APIS, HELLO, Deployer, archive, eventually, reachable, running

_STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n" + HELLO
_BEGINS_AND_HANGS = "import time; print('begun', flush=True); time.sleep(600)"


def _deployed(deployer: Deployer, source: str = HELLO) -> tuple[int, Path]:
    deployer.prepare()
    deployer.create(deployer.declared(deployer.upload(archive(main=source))))
    known = deployer.ask()
    return known["pid"], Path(known["folder"]).parent


def _client(origin: str) -> httpx2.Client:
    return httpx2.Client(base_url=origin, headers={"authorization": "Bearer any"}, trust_env=False, timeout=20)


@pytest.mark.parametrize("frozen", [False, True])
def test_nothing_is_left_of_a_cloud_that_ends(frozen: bool) -> None:  # noqa: FBT001  # a parameter of the test
    with GoogleCloud(enabled=set(APIS)) as cloud, serving(create_app(cloud)) as origin, _client(origin) as client:
        cloud.machine.freeze_between_requests = frozen
        process, folder = _deployed(Deployer(client))
        address = cloud.service("hello").resource["uri"]

    assert not running(process)
    assert not folder.exists()
    assert not reachable(address)


def test_a_cloud_ends_in_the_middle_of_a_deployment() -> None:
    with GoogleCloud(enabled=set(APIS)) as cloud, serving(create_app(cloud)) as origin, _client(origin) as client:
        cloud.operation_patience_seconds = 0
        deployer = Deployer(client)
        deployer.prepare()
        service = deployer.declared(deployer.upload(archive(main=_BEGINS_AND_HANGS)))
        begun = deployer.call("POST", "/v2/projects/proj-1/locations/europe-west1/services?serviceId=hello", service)
        eventually(lambda: "begun" in [log.line for log in cloud.logs])

    assert cloud.operations[begun["name"]].resource(0)["error"]["code"] == 9
    assert cloud.machine.instances == []


def test_nothing_is_left_of_a_cloud_that_was_killed() -> None:
    command = [sys.executable, "-m", "tests.support.google_cloud.serve_until_killed"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as emulator:  # noqa: S603  # our own module
        assert emulator.stdout is not None
        origin = emulator.stdout.readline().strip()
        with _client(origin) as client:
            process, folder = _deployed(Deployer(client), _STUBBORN)
        emulator.kill()

    assert folder.parent == Path(tempfile.gettempdir())
    eventually(lambda: not running(process))
    eventually(lambda: not folder.exists())


def test_services_do_not_run_outside_the_block() -> None:
    cloud = GoogleCloud(enabled=set(APIS))
    with serving(create_app(cloud)) as origin, _client(origin) as client:
        deployer = Deployer(client)
        deployer.prepare()
        operation = deployer.create(deployer.declared(deployer.upload(archive(main=HELLO))))
        cloud.service("hello").close()

    assert "Services run only inside `with GoogleCloud(...) as cloud:`." in operation["error"]["message"]
