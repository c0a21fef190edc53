"""Instances start on demand, freeze between requests, and scale."""

import os
import signal
import subprocess
from concurrent.futures import ThreadPoolExecutor, wait

from emulators.google_cloud import GoogleCloud
from tests.support.google_cloud.deploying import HELLO, Deployer, archive, eventually, running


def _deployed(deployer: Deployer, **container: object) -> int:
    deployer.create(deployer.declared(deployer.upload(archive(main=HELLO)), container=container))
    return deployer.ask()["pid"]


def _state(process: int) -> str:
    command = ["/bin/ps", "-o", "stat=", "-p", str(process)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout[0]  # noqa: S603  # ps is on every system


def test_a_service_scaled_to_zero_starts_with_the_next_request(cloud: GoogleCloud, deployer: Deployer) -> None:
    before = _deployed(deployer)

    cloud.scale("hello", 0)

    assert not running(before)
    assert deployer.ask()["pid"] != before


def test_an_instance_that_was_given_to_a_request_is_not_retired_before_its_end(
    cloud: GoogleCloud, deployer: Deployer
) -> None:
    process = _deployed(deployer)
    instance = cloud.service("hello").wake()

    with ThreadPoolExecutor() as pool:
        retired = pool.submit(cloud.scale, "hello", 0)
        assert not wait([retired], timeout=0.5).done
        assert running(process)
        instance.rest()
        retired.result()

    assert not running(process)


def test_several_instances_are_asked_by_turns(cloud: GoogleCloud, deployer: Deployer) -> None:
    _deployed(deployer)

    cloud.scale("hello", 3)

    assert len({deployer.ask()["pid"] for _ in range(3)}) == 3


def test_an_instance_stands_still_between_requests(cloud: GoogleCloud, deployer: Deployer) -> None:
    cloud.machine.freeze_between_requests = True

    process = _deployed(deployer)

    eventually(lambda: _state(process) == "T")
    assert deployer.ask()["pid"] == process


def test_an_instance_with_cpu_of_its_own_never_stands_still(cloud: GoogleCloud, deployer: Deployer) -> None:
    cloud.machine.freeze_between_requests = True

    process = _deployed(deployer, resources={"limits": {"cpu": "1", "memory": "512Mi"}})

    assert _state(process) != "T"


def test_an_instance_that_dies_in_a_request_is_503_and_the_next_request_starts_another(deployer: Deployer) -> None:
    process = _deployed(deployer)

    answer = deployer.visit("/die")

    assert answer.status_code == 503
    assert deployer.ask()["pid"] != process


def test_a_killed_instance_leaves_no_zombie(deployer: Deployer) -> None:
    process = _deployed(deployer)

    os.kill(process, signal.SIGKILL)

    eventually(lambda: not running(process))
    assert deployer.ask()["pid"] != process


def test_an_instance_that_fails_its_liveness_probe_is_shut_down(cloud: GoogleCloud, deployer: Deployer) -> None:
    probe = {"httpGet": {"path": "/health"}, "periodSeconds": 1, "failureThreshold": 1}
    environment = [{"name": "HOST", "value": "0.0.0.0"}, {"name": "SICK", "value": "1"}]  # noqa: S104  # as declared
    process = _deployed(deployer, env=environment, livenessProbe=probe, startupProbe={"tcpSocket": {}})

    eventually(lambda: not running(process))

    assert "LIVENESS HTTP GET /health probe failed 1 time consecutively. The instance has been shut down." in [
        log.line for log in cloud.logs
    ]
