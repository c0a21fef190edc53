"""A service really runs: its archive is fetched, unpacked, started and probed."""

import sys
from pathlib import Path

import httpx2

from emulators.google_cloud import GoogleCloud
from tests.google_cloud.deploying import BROKEN, HELLO, Deployer, archive


def _greeted(deployer: Deployer, path: str = "/") -> dict[str, dict[str, str]]:
    return httpx2.get(deployer.service()["uri"] + path, trust_env=False).raise_for_status().json()


def test_a_deployed_archive_answers_at_the_address_of_its_service(deployer: Deployer) -> None:
    operation = deployer.create(deployer.declared(deployer.upload(archive(main=HELLO))))

    assert operation["response"]["terminalCondition"]["state"] == "CONDITION_SUCCEEDED"
    assert _greeted(deployer)["environment"]["GREETING"] == "hello"
