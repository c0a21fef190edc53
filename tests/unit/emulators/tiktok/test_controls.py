"""The controls over HTTP are the verbs of Python, where they are switched on."""

import httpx2
import pytest

from emulators.kit.serving import serving
from emulators.tiktok import TikTok, create_app
from tests.support.tiktok.visitor import CALLBACK, SECRET, Visitor, query_of


def test_every_verb_works_over_http(tiktok: TikTok, visitor: Visitor) -> None:
    scripted = [
        visitor.http.post("/emulator/register_app", json={"key": "awnew", "secret": "s", "redirect_uris": [CALLBACK]}),
        visitor.http.post("/emulator/add_person", json={"name": "eve", "has_avatar": False}),
        visitor.http.post("/emulator/assume", json={"access_seconds": 60}),
        visitor.http.post("/emulator/queue_fault", json={"endpoint": "token", "fault": "html"}),
        visitor.http.post("/emulator/clear_faults", json={}),
        visitor.http.post("/emulator/queue_error", json={"endpoint": "token", "error": "server_error"}),
    ]
    assert [answered.status_code for answered in scripted] == [204] * len(scripted)

    code = visitor.code(client_key="awnew", person="eve")
    assert visitor.token().json()["error"] == "server_error"
    assert visitor.http.post("/emulator/advance_clock", json={"seconds": 59}).status_code == 204
    tokens = visitor.token(code=code, client_key="awnew", client_secret="s").json()
    assert tokens["expires_in"] == tiktok.assumptions.access_seconds == 60


def test_what_was_received_is_told_with_its_secrets_masked(visitor: Visitor) -> None:
    code = query_of(visitor.decide())["code"]
    token = visitor.token(code=code).json()["access_token"]
    visitor.user_info(token)

    told = visitor.http.get("/emulator/received")
    assert told.json()["token"][0]["redirect_uri"] == CALLBACK
    assert told.json()["user_info"] == [{"fields": "open_id", "authorization": "***"}]
    assert not [secret for secret in (SECRET, code, token) if secret in told.text]


@pytest.mark.parametrize(
    ("verb", "body"),
    [
        ("register_app", '{"key": "awnew", "secret": "s", "redirect_uris": ["http://tenant.example/"]}'),
        ("register_app", '{"name": "awnew"}'),
        ("register_app", '{"key": "awnew", "secret": "s", "redirect_uris": 5}'),
        ("add_person", '{"name": "eve", "display_name": 5}'),
        ("queue_error", '{"endpoint": "token", "error": 5}'),
        ("queue_fault", '{"endpoint": "token", "fault": "fire"}'),
        ("assume", '{"unslashed_authorize": "perhaps"}'),
        ("assume", '{"no_such_assumption": true}'),
        ("assume", '{"access_seconds": "soon"}'),
        ("advance_clock", '{"seconds": "soon"}'),
        ("queue_fault", '{"endpoint": "token", "fault": "html", "times": "many"}'),
        ("clear_faults", "[1]"),
        ("clear_faults", "{"),
    ],
)
def test_what_a_verb_does_not_take_is_400_and_a_sentence(
    tiktok: TikTok, visitor: Visitor, verb: str, body: str
) -> None:
    before = (tiktok.assumptions, dict(tiktok.apps), dict(tiktok.persons))
    refused = visitor.http.post(f"/emulator/{verb}", content=body, headers={"content-type": "application/json"})

    assert (refused.status_code, set(refused.json())) == (400, {"error"})
    assert (tiktok.assumptions, tiktok.apps, tiktok.persons) == before


def test_a_form_of_another_site_cannot_script_it(visitor: Visitor) -> None:
    assert (
        visitor.http.post("/emulator/clear_faults", content="{}", headers={"content-type": "text/plain"}).status_code
        == 415
    )


def test_without_the_switch_there_are_no_controls(tiktok: TikTok) -> None:
    with serving(create_app(tiktok)) as origin:
        assert httpx2.post(f"{origin}/emulator/clear_faults", json={}).status_code == 404
        assert httpx2.get(f"{origin}/emulator/received").status_code == 404
