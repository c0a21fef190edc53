"""The Free plan's limits are the default, and each answer has headers about them."""

import time
from collections.abc import Generator

import httpx2
import pytest

from emulators import auth0
from emulators.auth0.rate_limit import Bucket, Limit
from emulators.kit.serving import serving

CALL = "/api/v2/clients"


@pytest.fixture
def origin() -> Generator[str]:
    with serving(auth0.create_app(auth0.Tenant())) as origin:
        yield origin


def test_the_management_api_takes_two_calls_at_once(origin: str) -> None:
    with httpx2.Client(base_url=origin) as caller:
        began = time.time()
        responses = [caller.get(CALL) for _ in range(3)]
        assert time.time() - began < 0.5, "this machine is too slow for this test"

    assert [response.status_code for response in responses] == [401, 401, 429]
    assert [response.headers["x-ratelimit-remaining"] for response in responses] == ["1", "0", "0"]
    assert responses[2].headers["x-ratelimit-limit"] == "2"
    assert responses[2].json()["errorCode"] == "too_many_requests"


def test_who_waits_for_the_reset_is_served(origin: str) -> None:
    with httpx2.Client(base_url=origin) as caller:
        while (refused := caller.get(CALL)).status_code != 429:
            pass
        time.sleep(max(0.0, int(refused.headers["x-ratelimit-reset"]) - time.time()))

        assert caller.get(CALL).status_code == 401


def test_keys_and_the_token_endpoint_have_limits_of_their_own(origin: str) -> None:
    with httpx2.Client(base_url=origin) as caller:
        while (refused := caller.get("/.well-known/jwks.json")).status_code == 200:
            pass

    assert refused.status_code == 429
    assert refused.json()["error"] == "too_many_requests"


def test_a_bucket_never_holds_more_than_its_burst(monkeypatch: pytest.MonkeyPatch) -> None:
    moment = 1000.0
    monkeypatch.setattr(time, "time", lambda: moment)
    bucket = Bucket(Limit(2, 0.5))
    assert [bucket.take() for _ in range(3)] == [True, True, False]
    assert bucket.headers()["X-RateLimit-Reset"] == "1002"

    moment = 1002.0
    assert [bucket.take() for _ in range(2)] == [True, False]

    moment = 2000.0
    assert [bucket.take() for _ in range(3)] == [True, True, False]


def test_a_tenant_may_have_no_limits() -> None:
    tenant = auth0.Tenant(rate_limits=auth0.RateLimits(auth0.NO_LIMITS))
    with serving(auth0.create_app(tenant)) as origin, httpx2.Client(base_url=origin) as caller:
        responses = [caller.get(CALL) for _ in range(5)]

    assert {response.status_code for response in responses} == {401}
    assert "x-ratelimit-limit" not in responses[0].headers
