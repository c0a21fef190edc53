"""The plugin retries, detects conflicts, and never prints its key."""

from collections.abc import Generator

import pytest
from starlette.responses import PlainTextResponse

from clerk.connection import Credentials, InstanceRef, disable, enable, read_redirect_uri, read_status
from clerk.platform_api import AnswerLostError, ClerkError, ConflictError, PlatformApi, RefusedError
from emulators.clerk import Application, Clerk, create_app
from emulators.kit.serving import serving

OURS = Credentials("aw1", "made-up")


@pytest.fixture
def application(workspace: Clerk) -> Application:
    return workspace.add_application("example.com")


@pytest.fixture
def ref(application: Application) -> InstanceRef:
    return InstanceRef(application.id, "production")


@pytest.fixture
def api(workspace: Clerk) -> Generator[PlatformApi]:
    with serving(create_app(workspace)) as origin:
        api = PlatformApi(origin, workspace.add_key("applications:manage"))
        yield api
        api.close()


def _enable(api: PlatformApi, ref: InstanceRef) -> None:
    enable(api, ref, OURS, dry_run=False, adopt=False)


def test_it_waits_as_long_as_clerk_says(api: PlatformApi, workspace: Clerk, ref: InstanceRef) -> None:
    workspace.limit = 1
    _enable(api, ref)
    assert read_status(api, ref).enabled
    assert 429 in [each.status for each in workspace.received]


@pytest.mark.parametrize("status", [409, 412])
def test_a_change_in_between_makes_it_read_again(
    api: PlatformApi, workspace: Clerk, ref: InstanceRef, status: int
) -> None:
    workspace.queue_error("PATCH", status, "Somebody was faster")
    _enable(api, ref)
    assert [each.method for each in workspace.received] == ["GET", "PATCH", "GET", "PATCH"]


def test_it_gives_up_where_somebody_is_faster_each_time(api: PlatformApi, workspace: Clerk, ref: InstanceRef) -> None:
    for _ in range(3):
        workspace.queue_error("PATCH", 412, "Somebody was faster")
    with pytest.raises(ConflictError, match="Somebody was faster"):
        _enable(api, ref)


def test_a_lost_answer_is_told_from_a_refusal(api: PlatformApi, workspace: Clerk, ref: InstanceRef) -> None:
    workspace.queue_fault("PATCH", 503, "Out of order")
    with pytest.raises(AnswerLostError, match="status 503: Out of order"):
        _enable(api, ref)


def test_a_clerk_that_cannot_be_reached_is_named_and_the_key_is_not() -> None:
    api = PlatformApi("http://127.0.0.1:9", "ak_secret")
    with pytest.raises(ClerkError, match=r"Clerk cannot be reached at 127\.0\.0\.1") as failure:
        read_status(api, InstanceRef("app_1", "production"))
    assert not isinstance(failure.value, AnswerLostError)
    assert "ak_secret" not in repr(failure.value)
    api.close()


def test_a_status_that_nobody_has_registered_is_a_refusal(api: PlatformApi, workspace: Clerk, ref: InstanceRef) -> None:
    workspace.queue_error("GET", 499, "Somewhat unusual")
    with pytest.raises(RefusedError, match="status 499: Somewhat unusual"):
        read_status(api, ref)


def test_an_origin_that_is_not_clerks_is_told_of() -> None:
    with serving(PlainTextResponse("Hello")) as origin:
        api = PlatformApi(origin, "ak_secret")
        with pytest.raises(ClerkError, match="set apiOrigin to the origin of its Platform API"):
            read_status(api, InstanceRef("app_1", "production"))
        api.close()


@pytest.mark.parametrize(("instance", "host"), [("production", "clerk.example.com"), ("development", "accounts.dev")])
def test_the_redirect_uri_is_the_instances_own(
    api: PlatformApi, application: Application, instance: str, host: str
) -> None:
    assert read_redirect_uri(api, InstanceRef(application.id, instance)).endswith(f"{host}/v1/oauth_callback")


def test_turning_off_keeps_the_credentials(api: PlatformApi, application: Application, ref: InstanceRef) -> None:
    _enable(api, ref)
    disable(api, ref)
    kept = {"enabled": False, "client_id": "aw1", "client_secret": "made-up"}
    assert application.instances["production"].config["connection_oauth_tiktok"] == kept


def test_an_id_is_read_back_or_refused() -> None:
    assert InstanceRef.from_id("app_1/production") == InstanceRef("app_1", "production")
    with pytest.raises(ClerkError, match="it takes one like app_123/production"):
        InstanceRef.from_id("app_1")
