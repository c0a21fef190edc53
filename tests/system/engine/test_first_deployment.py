"""The first deployment creates a proxy that answers, and a destroy removes everything."""

import time

import httpx2

from tests.support.engine.driving import Driver, changing, nothing_is_deployed, secrets_in

DECLARED = [
    "tiktok",  # TikTokLogin
    "tiktok-proxy",  # TokenProxy
    "tiktok-login-rehearsal",
    "tiktok-proxy",  # CloudRunService
    "tiktok-proxy-api-iam",
    "tiktok-proxy-api-run",
    "tiktok-proxy-api-storage",
    "tiktok-proxy-identity",
    "tiktok-proxy-archives",
    "tiktok-proxy-archive",
    "tiktok-proxy-service",
    "tiktok",  # TikTokConnection
    "tiktok-guard",
    "tiktok-connection",
    "tiktok-on-rehearsal-application",
]


def test_the_first_preview_declares_everything_and_changes_nothing(fresh: Driver) -> None:
    changes = fresh.preview()

    assert sorted(changes) == sorted(("create", name) for name in DECLARED)
    assert fresh.vendors.cloud.received == []
    assert {exchange.path for exchange in fresh.vendors.tenant.received} == {
        "/oauth/token",
        "/api/v2/clients/rehearsal-application",
    }


def test_a_prepared_project_works_at_the_first_try(fresh: Driver) -> None:
    changes = fresh.up()

    assert sorted(changes) == sorted(("create", name) for name in DECLARED)
    assert changing(fresh.vendors.tenant.received).count("POST /api/v2/connections") == 1


def test_the_deployed_proxy_answers(deployed: Driver) -> None:
    health = httpx2.get(deployed.outputs()["health_url"])

    assert health.status_code == 200


def test_the_deployed_proxy_exchanges_a_code_of_tiktoks(deployed: Driver) -> None:
    vendors = deployed.vendors
    [connection] = vendors.tenant.connections.values()
    callback = deployed.outputs()["tiktok_portal"]["redirect_uri"]
    app = vendors.tiktok.apps[vendors.client_key]
    person = next(iter(vendors.tiktok.persons.values()))

    answer = httpx2.post(
        connection["options"]["tokenURL"],
        data={
            "grant_type": "authorization_code",
            "client_id": connection["options"]["client_id"],
            "client_secret": connection["options"]["client_secret"],
            "code": vendors.tiktok.issue_code(app, person.name, callback),
            "redirect_uri": callback,
        },
    )

    assert answer.status_code == 200, answer.text
    assert answer.json()["open_id"] == vendors.tiktok.open_id(app, person)


def test_a_preview_without_changes_shows_none_and_takes_less_than_two_seconds(deployed: Driver) -> None:
    deployed.preview()  # warms this machine's file cache
    start = time.monotonic()

    changes = deployed.preview()

    assert changes == []
    assert time.monotonic() - start < 2


def test_an_update_without_changes_changes_nothing(deployed: Driver) -> None:
    before = len(deployed.vendors.cloud.received)

    assert deployed.up() == []
    assert deployed.vendors.cloud.received[before:] == []


def test_a_refresh_finds_no_drift(deployed: Driver) -> None:
    assert deployed.refresh() == []
    assert deployed.preview(refresh=True) == []


def test_secrets_are_ciphertext_in_the_state(deployed: Driver) -> None:
    options = deployed.resources()["tiktok-connection"]["inputs"]["options"]

    assert "ciphertext" in options["clientSecret"]
    assert options["clientId"] == deployed.vendors.client_key


def test_the_search_for_secrets_covers_state_and_output(deployed: Driver) -> None:
    places = secrets_in(deployed.folder, deployed.said, [deployed.outputs()["version"]])

    assert "what the engine said" in places
    assert any(place.endswith("/stacks/tiktok-login/rehearsal.json") for place in places)


def test_a_project_whose_apis_were_just_enabled_is_finished_by_the_next_update(own_world: Driver) -> None:
    cloud = own_world.vendors.cloud
    cloud.enabled = {"cloudresourcemanager.googleapis.com", "serviceusage.googleapis.com"}

    assert "has not been used in project" in own_world.refusal(own_world.up)
    assert {"run.googleapis.com", "iam.googleapis.com", "storage.googleapis.com"} <= cloud.enabled

    cloud.advance_clock(cloud.assumptions.activation_seconds)
    own_world.up()
    assert httpx2.get(own_world.outputs()["health_url"]).status_code == 200


def test_destroying_leaves_both_clouds_empty(deployed: Driver) -> None:
    deployed.destroy()

    assert nothing_is_deployed(deployed.vendors)
    assert "run.googleapis.com" in deployed.vendors.cloud.enabled
