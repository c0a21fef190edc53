"""The hops of a sign-in are found by their common parameters, and shown without secrets."""

import json
from typing import Any

from emulators.auth0.login.state import AuthorizationRequest, ScriptRun, SignIn
from emulators.kit.recording import Exchange
from rehearsal.hops import trace_sign_in


def asked(path: str, began: float, seconds: float = 0.1, /, **parameters: str) -> Exchange:
    """Return a GET that is answered 200."""
    return Exchange(
        method="GET",
        path=path,
        query=list(parameters.items()),
        request_headers={},
        status=200,
        began=began,
        seconds=seconds,
    )


def sent_on(path: str, began: float, location: str, /, **parameters: str) -> Exchange:
    """Return a GET that is answered by a redirect."""
    exchange = asked(path, began, **parameters)
    exchange.status, exchange.response_headers = 302, {"location": location}
    return exchange


def posted(path: str, began: float, seconds: float, answer: Any, /, **form: str) -> Exchange:  # noqa: ANN401  # JSON
    """Return a form that is answered by JSON."""
    exchange = asked(path, began, seconds)
    exchange.method, exchange.request_headers = "POST", {"content-type": "application/x-www-form-urlencoded"}
    exchange.request_body = "&".join(f"{name}={value}" for name, value in form.items()).encode()
    exchange.response_headers = {"content-type": "application/json"}
    exchange.response_body = json.dumps(answer).encode()
    return exchange


def one_sign_in(who: str, began: float) -> list[Exchange]:
    """Return the exchanges of a sign-in up to the proxy's, which the callback waits for."""
    tokens = {"access_token": f"token-of-{who}"}
    form = {"code": f"code-of-{who}", "client_secret": "hush-hush"}
    return [
        sent_on("/authorize", began, f"http://tiktok/?state=auth0-{who}", state=f"app-{who}", nonce=f"nonce-{who}"),
        sent_on("/v2/auth/authorize/", began + 1, f"http://auth0/?code=code-of-{who}", state=f"auth0-{who}"),
        asked("/login/callback", began + 2, 5, code=f"code-of-{who}"),
        posted("/proxy/token", began + 3, 3, tokens, **form),
        posted("/v2/oauth/token/", began + 4, 1, tokens, **form),
    ]


def test_two_sign_ins_at_once_are_told_apart_by_their_state() -> None:
    exchanges = [*one_sign_in("ada", 1), *one_sign_in("zoe", 1.5)]

    hops = trace_sign_in(exchanges, [], "app-ada")

    assert [hop.began for hop in hops] == [1, 2, 3, 4, 5]


def test_the_nonce_of_an_id_token_finds_the_sign_in_as_well() -> None:
    exchanges = [*one_sign_in("ada", 1), *one_sign_in("zoe", 1.5)]

    assert trace_sign_in(exchanges, [], "nonce-zoe") == trace_sign_in(exchanges, [], "app-zoe")


def test_without_a_thread_the_newest_sign_in_is_shown() -> None:
    exchanges = [*one_sign_in("ada", 1), *one_sign_in("zoe", 1.5)]

    assert trace_sign_in(exchanges, [], None) == trace_sign_in(exchanges, [], "app-zoe")
    assert trace_sign_in([], [], None) == []


def test_a_hop_stands_below_those_that_wait_for_it() -> None:
    hops = trace_sign_in(one_sign_in("ada", 1), [], None)

    assert [(hop.request, hop.depth) for hop in hops][2:] == [
        ("GET /login/callback", 0),
        ("POST /proxy/token", 1),
        ("POST /v2/oauth/token/", 2),
    ]


def test_codes_tokens_and_secrets_are_masked() -> None:
    hops = trace_sign_in(one_sign_in("ada", 1), [], None)

    shown = " ".join(f"{hop.sent} {hop.answered}" for hop in hops)
    assert hops[3].sent == {"code": "code…", "client_secret": "hush…"}
    assert hops[3].answered == {"access_token": "toke…"}
    assert not [secret for secret in ("code-of-ada", "token-of-ada", "hush-hush") if secret in shown]


def test_an_error_is_named_whatever_the_status_of_its_answer() -> None:
    exchanges = one_sign_in("ada", 1)
    exchanges[4].response_body = b'{"error": "invalid_client"}'

    refused = trace_sign_in(exchanges, [], "app-ada")[4]

    assert (refused.refused, refused.outcome) == (True, "200 OK, invalid_client")


def test_the_profile_script_stands_where_it_ran() -> None:
    run = ScriptRun(ctx={"access_token": "token-of-ada"}, profile={"name": "Ada"}, began=7.2, seconds=0.5)
    mine, others = [
        SignIn(
            request=AuthorizationRequest(client_id="app", redirect_uri="", origin="", parameters={"state": state}),
            script_run=run,
        )
        for state in ("app-ada", "app-zoe")
    ]

    hops = trace_sign_in(one_sign_in("ada", 1), [mine, others], "app-ada")

    assert [(hop.asked, hop.depth) for hop in hops if hop.asked == "profile script"] == [("profile script", 1)]
