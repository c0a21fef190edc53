"""Whatever TikTok does, no person gets another's token, no code is sent twice, and every call ends in time."""

import ssl
from collections.abc import Generator
from pathlib import Path

import pytest

from emulators.kit.authority import ThrowAwayAuthority
from proxy_app.tiktok_client import TikTokClient
from tests.support.upstream.cases import CASES, Case, answers
from tests.support.upstream.judge import PEOPLE, judged

_MOST_GROWTH_BYTES = 20 * 1024 * 1024


@pytest.fixture(params=["http", "https"])
def tls(
    request: pytest.FixtureRequest, authority: ThrowAwayAuthority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Generator[ssl.SSLContext | None]:
    """Return what to serve https with, trusted by the client, or None for http."""
    if request.param == "http":
        yield None
        return
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.write_bundle(tmp_path / "roots.pem")))
    yield authority.server_context()


def expected(case: Case) -> str:
    if case.error:
        return case.error.name
    return f"status {case.status}" if case.status else "act.second"


@pytest.mark.parametrize("name", CASES)
def test_everybody_gets_their_own_token_or_an_error(name: str, tls: ssl.SSLContext | None) -> None:
    verdict = judged(CASES[name], TikTokClient, tls)

    assert verdict.got == ["act.first", expected(CASES[name]), "act.third"]
    assert verdict.received == list(PEOPLE)
    assert len(set(verdict.heads)) == 2, "Requests differ in more than the length of their body."
    assert verdict.growth_bytes < _MOST_GROWTH_BYTES


def test_a_quiet_connection_is_used_again(tls: ssl.SSLContext | None) -> None:
    verdict = judged(Case(act=answers), TikTokClient, tls)

    assert verdict.got == ["act.first", "act.second", "act.third"]
    assert verdict.connections == 1
