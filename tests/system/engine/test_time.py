"""Old archives are kept for a month, and the running one stays."""

from pathlib import Path

import httpx2

from tests.support.engine.driving import Driver
from tests.support.engine.sources import changed_source

SERVICE = "tiktok-proxy-rehearsal"
DAY = 24 * 60 * 60  # seconds


def source(deployed: Driver) -> tuple[str, str]:
    """Return object and generation that the service runs."""
    [container] = deployed.vendors.cloud.service(SERVICE).resource["template"]["containers"]
    where = container["sourceCode"]["cloudStorageSource"]
    return where["object"], where["generation"]


def kept(deployed: Driver) -> set[tuple[str, str]]:
    """Return object and generation of every archive that the bucket still has."""
    [bucket] = deployed.vendors.cloud.buckets.values()
    return {(stored.resource["name"], stored.resource["generation"]) for stored in bucket.objects}


def test_an_old_archive_is_kept_for_a_month_and_the_live_one_for_ever(deployed: Driver, tmp_path: Path) -> None:
    old = source(deployed)
    with changed_source(deployed, tmp_path, "newer"):
        deployed.up()
        live = source(deployed)

        deployed.vendors.cloud.advance_clock(29 * DAY)
        assert kept(deployed) == {old, live}
        deployed.vendors.cloud.advance_clock(400 * DAY)
        assert kept(deployed) == {live}

        deployed.vendors.cloud.scale(SERVICE, 0)
        assert httpx2.get(deployed.outputs()["health_url"], timeout=30).status_code == 200
        assert deployed.preview(refresh=True) == []


def test_going_back_to_an_earlier_source_runs_its_bytes_again(deployed: Driver, tmp_path: Path) -> None:
    before = source(deployed)
    with changed_source(deployed, tmp_path, "other"):
        deployed.up()
        assert source(deployed)[0] != before[0]

    assert source(deployed)[0] == before[0]
    assert source(deployed) in kept(deployed)
    assert deployed.preview() == []
