"""The log alert fires on failures that somebody must act on, and on nothing else."""

import io
import json
import re
from contextlib import ExitStack
from typing import Any, NoReturn

import httpx2
import pytest
from starlette.types import Receive, Scope, Send

from emulators.kit.serving import free_port, serving
from infra.alerts import filter_failures
from infra.vendor_rules import google_name
from proxy_app.app import RequestLogMiddleware
from proxy_app.errors import Failure
from tests.support.docs.logging_query import Entry, matches
from tests.support.proxy.made_up import token_form
from tests.support.proxy.running_proxy import RunningProxy, running_proxy
from tests.support.proxy.scripted_tiktok import ScriptedTikTok, answer, scripted_tiktok, silence

_SERVICE = google_name("tiktok-proxy-dev", 49)
_FILTER = filter_failures(_SERVICE)
_REFUSALS = {
    "invalid_client": "TikTokRefusedCredentials",
    "unauthorized_client": "TikTokRefusedClient",
    "invalid_scope": "TikTokRefusedScope",
    "unsupported_grant_type": "TikTokRefusedGrantType",
    "invalid_request": "TikTokRefused",
    "server_error": "TikTokFailed",
    "temporarily_unavailable": "TikTokBusy",
    "invalid_grant": "TikTokRefusedGrant",
    "access_denied": "TikTokDenied",
}
_OF_PEOPLE_AND_STRANGERS = {
    "answered",
    "token issued",
    "NoSuchPath",
    "MalformedRequest",
    "WrongCredentials",
    "TikTokRefusedGrant",
    "TikTokDenied",
}


def lifted(line: str) -> Entry:
    """Return a line of the proxy's as Cloud Run's agent hands it to Cloud Logging.

    https://docs.cloud.google.com/logging/docs/structured-logging
    """
    payload: dict[str, Any] = json.loads(line)
    names = {"severity": "severity", "httpRequest": "httpRequest", "logging.googleapis.com/trace": "trace"}
    entry = {known: payload.pop(name) for name, known in names.items() if name in payload}
    labels = {"service_name": _SERVICE, "location": "europe-west1"}
    return {**entry, "jsonPayload": payload, "resource": {"type": "cloud_run_revision", "labels": labels}}


def logged(proxy: RunningProxy, path: str = "/proxy/token", **changes: str) -> Entry:
    """Ask a running proxy, and return what it logged of it."""
    if path == "/proxy/token":
        httpx2.post(f"{proxy.origin}{path}", data=token_form(**changes), trust_env=False)
    else:
        httpx2.get(f"{proxy.origin}{path}", trust_env=False)
    return lifted(proxy.lines.get(timeout=20))


def of_a_working_tiktok(proxy: RunningProxy, tiktok: ScriptedTikTok) -> list[Entry]:
    entries = [logged(proxy), logged(proxy, "/health"), logged(proxy, "/wp-login.php")]
    entries += [logged(proxy, client_secret="wrong"), logged(proxy, code="")]
    for error in _REFUSALS:
        tiktok.next(answer({"error": error, "error_description": error}))
        entries.append(logged(proxy))
    for said in ("Redirect_uri is not matched with the uri when requesting code.", "Code verifier is invalid."):
        tiktok.next(answer({"error": "invalid_request", "error_description": said}))
        entries.append(logged(proxy))
    tiktok.next(answer(b"<html>", "502 Bad Gateway"))
    return [*entries, logged(proxy)]


@pytest.fixture(name="entries", scope="module")
def every_entry() -> dict[str, Entry]:
    """Return an entry of each outcome, from proxies before a TikTok that answers, is mute, or is gone."""
    with ExitStack() as running, scripted_tiktok() as tiktok:
        proxy = running.enter_context(running_proxy(TIKTOK_TOKEN_URL=tiktok.url))
        found = of_a_working_tiktok(proxy, tiktok)
        hasty = running.enter_context(running_proxy(TIKTOK_TOKEN_URL=tiktok.url, TIKTOK_DEADLINE_SECONDS="2"))
        tiktok.next(silence)
        found.append(logged(hasty))
        nowhere = f"http://127.0.0.1:{free_port()}/"
        found.append(logged(running.enter_context(running_proxy(TIKTOK_TOKEN_URL=nowhere))))
    return {entry["jsonPayload"]["outcome"]: entry for entry in [*found, of_a_defect()]}


def of_a_defect() -> Entry:
    """Return what is logged of a request that breaks the proxy down."""

    async def break_down(_scope: Scope, _receive: Receive, _send: Send) -> NoReturn:
        raise LookupError

    log = io.StringIO()
    with serving(RequestLogMiddleware(break_down, log)) as origin:
        httpx2.get(origin, trust_env=False)
    return lifted(log.getvalue())


def test_it_is_set_off_by_what_somebody_has_to_look_at_and_by_nothing_else(entries: dict[str, Entry]) -> None:
    quiet = {outcome for outcome, entry in entries.items() if not matches(_FILTER, entry)}

    assert quiet == _OF_PEOPLE_AND_STRANGERS
    assert entries.keys() >= {failure.name for failure in Failure if is_tiktoks_or_ours(failure)}


def is_tiktoks_or_ours(failure: Failure) -> bool:
    is_of_the_server = failure in (Failure.Overloaded, Failure.Stopping)
    return failure.name.startswith("TikTok") or (failure.status >= 500 and not is_of_the_server)


def test_every_outcome_that_it_names_is_one_of_the_proxys() -> None:
    names = [failure.name for failure in Failure]

    assert set(re.findall(r'outcome [=:] "(\w+)"', _FILTER)) <= set(names)


def test_it_is_set_off_by_cloud_runs_own_line_of_a_proxy_that_does_not_start(entries: dict[str, Entry]) -> None:
    entry = {"resource": entries["answered"]["resource"], "severity": "ERROR", "httpRequest": {"status": 503}}

    assert matches(_FILTER, entry)
    assert not matches(_FILTER, {**entry, "resource": {"type": "cloud_run_revision", "labels": {"service_name": "x"}}})


@pytest.mark.parametrize(
    ("query", "holds"),
    [
        ('a = "X" OR a = "y" AND b = "no"', False),  # OR binds more than AND
        ('a = "y" AND b = "no" OR a = "x"', False),
        ('NOT c = "x" AND a = "x"', True),
        ('c : "x"', False),
        ("d.e >= 500", True),
        ("d.e < 500", False),
    ],
)
def test_queries_mean_what_the_language_says(query: str, holds: bool) -> None:  # noqa: FBT001  # a case's outcome
    assert matches(query, {"a": "x", "b": "yes", "d": {"e": 502}}) is holds
