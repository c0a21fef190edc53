"""A service runs: its archive is fetched, unpacked, started and probed, and failures are reported."""

import gzip
import io
import os
import stat
import sys
import tarfile
from pathlib import Path
from typing import Any

import pytest

from emulators.google_cloud import GoogleCloud
from emulators.google_cloud.run.base_images import THIS_PYTHON
from emulators.google_cloud.run.machine import LogLine
from tests.support.google_cloud.deploying import BROKEN, HELLO, Deployer, archive, eventually

_OTHER_PYTHON = "python312" if THIS_PYTHON != "python312" else "python311"


def test_a_deployed_archive_answers_at_the_address_of_its_service(deployer: Deployer) -> None:
    operation = deployer.create(deployer.declared(deployer.upload(archive(main=HELLO))))

    assert operation["response"]["terminalCondition"]["state"] == "CONDITION_SUCCEEDED"
    assert deployer.ask("/some/path?a=b")["path"] == "/some/path?a=b"


def test_a_process_sees_what_was_declared_and_nothing_of_the_emulator(
    deployer: Deployer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", "/elsewhere")
    monkeypatch.setenv("SECRET_OF_THE_EMULATOR", "1")
    deployer.create(deployer.declared(deployer.upload(archive(main=HELLO))))

    environment = deployer.ask()["environment"]

    libraries = {"LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"}
    assert environment.pop("PORT").isdigit()
    assert environment.pop("HOST").startswith("127.")
    assert {name: value for name, value in environment.items() if name not in libraries and name != "LC_CTYPE"} == {
        "PATH": os.defpath,
        "GREETING": "hello",
        "K_SERVICE": "hello",
        "K_REVISION": "hello-00001-abc",
        "K_CONFIGURATION": "hello",
    }


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have one loopback address")
@pytest.mark.parametrize("environment", [[], [{"name": "HOST", "value": "127.0.0.1"}]], ids=["no HOST", "loopback"])
def test_a_service_that_listens_on_the_loopback_interface_does_not_start(
    deployer: Deployer, environment: list[dict[str, str]]
) -> None:
    source = HELLO.replace('os.environ["HOST"]', 'os.environ.get("HOST", "127.0.0.1")')
    probe = {"startupProbe": {"periodSeconds": 1, "failureThreshold": 1}}
    service = deployer.declared(deployer.upload(archive(main=source)), container=probe | {"env": environment})

    assert "failed to start and listen on the port" in deployer.create(service)["error"]["message"]


def test_each_instance_has_an_address_of_its_own(cloud: GoogleCloud, deployer: Deployer) -> None:
    deployer.create(deployer.declared(deployer.upload(archive(main=HELLO))))
    cloud.scale("hello", 2)

    hosts = {deployer.ask()["environment"]["HOST"] for _ in range(2)}

    assert len(hosts) == (2 if sys.platform == "linux" else 1)


def test_a_process_has_only_the_standard_library_and_the_archive(deployer: Deployer) -> None:
    source = "import sys; sys.exit(f'packages: {[place for place in sys.path if \"-packages\" in place]}')"

    operation = deployer.create(deployer.declared(deployer.upload(archive(main=source))))

    assert "packages: []" in operation["error"]["message"]


def test_a_process_finds_no_package_of_the_emulator(deployer: Deployer) -> None:
    generation = deployer.upload(archive(main="import starlette"))

    operation = deployer.create(deployer.declared(generation))

    assert "No module named 'starlette'" in operation["error"]["message"]


def test_sources_are_unpacked_read_only(deployer: Deployer) -> None:
    deployer.create(deployer.declared(deployer.upload(archive(main=HELLO))))

    folder = Path(deployer.ask()["folder"])

    modes = [stat.S_IMODE(place.stat().st_mode) for place in (folder, folder / "main.py")]
    assert modes == [0o555, 0o444]


def test_lines_of_a_process_are_kept(cloud: GoogleCloud, deployer: Deployer) -> None:
    deployer.create(deployer.declared(deployer.upload(archive(main=HELLO))))

    eventually(lambda: len(cloud.logs) == 1)
    assert cloud.logs[0] == LogLine(service="hello", revision="hello-00001-abc", line="listening as hello-00001-abc")


def _hostile() -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        tar.addfile(tarfile.TarInfo("../outside.py"))
    return gzip.compress(packed.getvalue())


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (archive(main=BROKEN), "PORT=8080 environment variable within the allocated timeout"),
        (archive(main=BROKEN), "\nthe reason it broke"),
        (b"no archive", "cannot be unpacked as tar.gz"),
        (_hostile(), "outside the destination"),
    ],
    ids=["in Cloud Run's words", "in its own words", "for it is none", "for it is hostile"],
)
def test_a_broken_archive_fails_with_its_reason(deployer: Deployer, content: bytes, said: str) -> None:
    operation = deployer.create(deployer.declared(deployer.upload(content)))

    condition = deployer.service()["terminalCondition"]
    assert operation["error"] == {"code": 9, "message": condition["message"]}
    assert "Revision 'hello-00001-abc' is not ready and cannot serve traffic." in condition["message"]
    assert said in condition["message"]
    assert condition["state"] == "CONDITION_FAILED"


@pytest.mark.parametrize(
    ("container", "said"),
    [
        ({"image": "docker.io/library/hello"}, "Image 'docker.io/library/hello' cannot run here"),
        ({"baseImageUri": _OTHER_PYTHON}, f"this emulator has {THIS_PYTHON} only"),
        ({"command": []}, "The container has no command"),
        ({"command": ["./nothing"]}, "cannot be run: No such file or directory."),
        ({"env": [{"name": "HOST", "value": "0.0.0.0"}, {"name": "SICK", "value": "1"}],  # noqa: S104  # as declared
          "startupProbe": {"httpGet": {"path": "/health"}, "periodSeconds": 1, "failureThreshold": 1}},
         "failed the configured startup probe checks"),
    ],
)  # fmt: skip
def test_a_container_that_cannot_serve_fails_with_its_reason(
    deployer: Deployer, container: dict[str, Any], said: str
) -> None:
    service = deployer.declared(deployer.upload(archive(main=HELLO)), container=container)

    assert said in deployer.create(service)["error"]["message"]


def test_an_archive_that_is_not_there_fails_with_its_address(deployer: Deployer) -> None:
    operation = deployer.create(deployer.declared("1"))

    assert "Source archive 'gs://sources/source.tar.gz#1' not found." in operation["error"]["message"]


def test_python_is_the_interpreter_that_runs_the_emulator(deployer: Deployer) -> None:
    deployer.create(deployer.declared(deployer.upload(archive(main=HELLO))))

    assert deployer.ask()["python"] == list(sys.version_info[:3])
