"""Errors of Clerk are reported in its words, in the preview if possible, and leave a state that can be updated."""

import pytest

from rehearsal.stack import Secret, configure
from tests.support.clerk.driving import CONNECTION, KEY, ClerkDriver

pytestmark = pytest.mark.engine


def _set(driver: ClerkDriver, **settings: str) -> None:
    configure(driver.stack, {f"tiktok-login-clerk:{name}": value for name, value in settings.items()})


def test_a_wrong_platform_key_fails_the_preview_in_clerks_words(fresh: ClerkDriver) -> None:
    fresh.secrets.append("ak_wrong-key")
    _set(fresh, platformKey=Secret("ak_wrong-key"))

    assert "status 401: The provided platform API key is invalid" in fresh.refusal(fresh.preview)


def test_a_key_without_the_scope_fails_the_preview(fresh: ClerkDriver) -> None:
    fresh.clerk.keys[fresh.platform_key] = frozenset({"applications:read"})

    assert "status 403: The platform API key needs the scope applications:manage" in fresh.refusal(fresh.preview)


def test_a_plan_that_lacks_the_feature_fails_the_preview(fresh: ClerkDriver) -> None:
    fresh.clerk.queue_error("PATCH", 402, "Your plan does not include this connection")

    assert "status 402: Your plan does not include this connection" in fresh.refusal(fresh.preview)
    assert fresh.tiktok == {}


def test_an_application_that_does_not_exist_fails_the_preview(fresh: ClerkDriver) -> None:
    _set(fresh, application="app_nobodys")

    assert "No application was found with id app_nobodys" in fresh.refusal(fresh.preview)


def test_a_missing_production_instance_fails_the_preview(fresh: ClerkDriver) -> None:
    del fresh.application.instances["production"]

    assert "has no production instance" in fresh.refusal(fresh.preview)


def test_what_was_on_before_is_refused_until_it_is_adopted(fresh: ClerkDriver) -> None:
    fresh.production.change({KEY: {"enabled": True, "client_id": "theirs", "client_secret": "theirs-too"}})
    for act in (fresh.preview, fresh.up):
        assert "Set adopt to true" in fresh.refusal(act)
    assert fresh.tiktok["client_secret"] == "theirs-too"

    _set(fresh, adopt="true")
    fresh.up()

    assert fresh.tiktok["client_secret"] == fresh.client_secret


@pytest.mark.parametrize("committed", [True, False])
def test_after_a_lost_answer_the_next_update_goes_on(fresh: ClerkDriver, *, committed: bool) -> None:
    fresh.preview()
    lose = fresh.clerk.queue_fault if committed else fresh.clerk.queue_error
    lose("PATCH", 502, "Bad gateway")

    assert "Clerk failed with status 502" in fresh.refusal(fresh.up)
    assert CONNECTION in fresh.resources()
    assert fresh.up() == [("update", CONNECTION)]
    assert fresh.tiktok["enabled"] is True
    assert fresh.preview() == []


def test_after_a_refused_creation_nothing_is_left_in_the_state(fresh: ClerkDriver) -> None:
    fresh.clerk.queue_error("PATCH", 422, "No such provider")

    assert "status 422: No such provider" in fresh.refusal(fresh.up)
    assert CONNECTION not in fresh.resources()


def test_a_refused_update_is_repeated_by_the_next_one(fresh: ClerkDriver) -> None:
    fresh.up()
    _set(fresh, clientSecret=Secret("the-second-secret"))
    fresh.secrets.append("the-second-secret")
    fresh.clerk.queue_error("PATCH", 403, "Not today")

    assert "status 403: Not today" in fresh.refusal(fresh.up)
    assert fresh.tiktok["client_secret"] == fresh.client_secret
    assert fresh.up() == [("update", CONNECTION)]
    assert fresh.tiktok["client_secret"] == "the-second-secret"


def test_a_failed_destruction_is_repeated_by_the_next_one(fresh: ClerkDriver) -> None:
    fresh.up()
    fresh.clerk.queue_error("PATCH", 500, "Out of order")

    assert "Clerk failed with status 500: Out of order" in fresh.refusal(fresh.destroy)
    fresh.destroy()
    assert fresh.tiktok["enabled"] is False
