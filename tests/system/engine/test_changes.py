"""A changed setting or source changes what depends on it, in an order that loses nothing, and nothing else."""

from dataclasses import replace
from pathlib import Path

import httpx2

from rehearsal.stack import Secret
from tests.support.engine.driving import CONNECTIONS, SERVICES, Driver, changing
from tests.support.engine.signing_in import exchange
from tests.support.engine.sources import changed_source

ARCHIVE, SERVICE, CONNECTION = "tiktok-proxy-archive", "tiktok-proxy-service", "tiktok-connection"


def test_a_changed_source_changes_exactly_object_and_service(deployed: Driver, tmp_path: Path) -> None:
    with changed_source(deployed, tmp_path, "changed"):
        expected = [("create-replacement", ARCHIVE), ("update", SERVICE), ("delete-replaced", ARCHIVE)]
        assert deployed.preview() == expected
        before = len(deployed.vendors.cloud.received)
        assert deployed.up() == expected
        calls = [call.partition(" ")[0] for call in changing(deployed.vendors.cloud.received[before:])]

        assert calls == ["POST", "PATCH", "DELETE"]
        assert httpx2.get(deployed.outputs()["health_url"]).status_code == 200
        assert deployed.preview() == []


def test_a_changed_secret_changes_exactly_connection_and_service(deployed: Driver) -> None:
    with deployed.settings({"clientSecret": Secret("another-client-secret")}):
        assert sorted(deployed.preview()) == [("update", CONNECTION), ("update", SERVICE)]
        assert deployed.paths[CONNECTION] == ["options.clientSecret"]
        assert all("envs" in path for path in deployed.paths[SERVICE])

        deployed.up()

        assert exchange(deployed, deployed.vendors.client_secret).status_code == 401
    assert exchange(deployed, deployed.vendors.client_secret).status_code == 200


def test_while_a_secret_is_rotated_the_proxy_accepts_both(deployed: Driver) -> None:
    old, new = deployed.vendors.client_secret, "the-next-client-secret"
    app = deployed.vendors.tiktok.apps[deployed.vendors.client_key]
    with deployed.settings({"clientSecret": Secret(new), "previousClientSecret": Secret(old)}):
        deployed.up()

        assert exchange(deployed, old).status_code == 200
        deployed.vendors.tiktok.apps[app.key] = replace(app, secret=new)
        assert exchange(deployed, new).status_code == 200
        deployed.vendors.tiktok.apps[app.key] = app


def test_a_renamed_connection_is_deleted_before_it_is_created(deployed: Driver) -> None:
    before = len(deployed.vendors.tenant.received)
    with deployed.settings({"connectionName": "tiktok-two"}):
        changes = deployed.up()

        assert changes == [
            ("delete-replaced", "tiktok-on-rehearsal-application"),
            ("delete-replaced", CONNECTION),
            ("create-replacement", CONNECTION),
            ("create-replacement", "tiktok-on-rehearsal-application"),
        ]
        calls = [call.partition(" ")[0] for call in changing(deployed.vendors.tenant.received[before:], CONNECTIONS)]
        assert calls == ["PATCH", "DELETE", "POST", "PATCH"]
        assert deployed.outputs()["connection_name"] == "tiktok-two"


def test_renaming_or_destroying_a_protected_connection_is_refused(deployed: Driver) -> None:
    with deployed.settings({"protect": "true"}):
        deployed.up()
        before = len(deployed.vendors.tenant.received)
        with deployed.settings({"connectionName": "tiktok-two"}):
            said = deployed.refusal(deployed.preview)
            deployed.refusal(deployed.up)
        said += deployed.refusal(deployed.preview_destruction)

        assert "unable to replace resource" in said
        assert "is currently marked for protection" in said
        assert changing(deployed.vendors.tenant.received[before:]) == []


def test_destroying_a_protected_stack_changes_nothing_but_an_application_can_go(deployed: Driver) -> None:
    tenant, cloud = deployed.vendors.tenant, deployed.vendors.cloud
    tenant.add_application("third", "not-a-secret-of-ours")
    with deployed.settings({"protect": "true", "publicAccess": "all-users"}):
        with deployed.settings({"applications[1]": "third"}):
            deployed.up()
            before = len(tenant.received), len(cloud.received)
            said = deployed.refusal(deployed.destroy)
            assert "tiktok-guard" in said
            assert changing(tenant.received[before[0] :]) == []
            assert changing(cloud.received[before[1] :]) == []
        assert list(tenant.enabled.values()) == [["rehearsal-application"]]


def test_the_button_comes_to_an_application_and_goes_from_it(deployed: Driver) -> None:
    deployed.vendors.tenant.add_application("second", "not-a-secret-of-ours")
    [connection] = deployed.vendors.tenant.connections
    with deployed.settings({"applications[1]": "second"}):
        assert deployed.preview() == [("create", "tiktok-on-second")]
        deployed.up()
        assert set(deployed.vendors.tenant.enabled[connection]) == {"rehearsal-application", "second"}
    assert deployed.vendors.tenant.enabled[connection] == ["rehearsal-application"]


def test_an_application_that_is_not_there_stops_the_preview_by_name(deployed: Driver) -> None:
    with deployed.settings({"applications[1]": "nobody"}):
        said = deployed.refusal(deployed.preview)

    assert "tiktok-login:applications names nobody, which could not be looked up in Auth0: " in said
    assert "Traceback" not in said


def test_all_users_are_let_in_by_a_member_where_an_organisation_wants_that(deployed: Driver) -> None:
    with deployed.settings({"publicAccess": "all-users"}):
        assert deployed.preview() == [("update", SERVICE), ("create", "tiktok-proxy-everyone-may-call")]
        deployed.up()

        assert httpx2.get(deployed.outputs()["health_url"]).status_code == 200
        assert not deployed.vendors.cloud.service("tiktok-proxy-rehearsal").resource.get("invokerIamDisabled")
        assert deployed.refresh() == []
        before = len(deployed.vendors.cloud.received)
    calls = changing(deployed.vendors.cloud.received[before:], SERVICES)
    assert [call.partition("rehearsal")[2] for call in calls] == ["", ":setIamPolicy"]
    assert httpx2.get(deployed.outputs()["health_url"]).status_code == 200
