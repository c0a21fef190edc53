"""A whole sign-in through the real Auth0, without a browser, on a stack with the TikTok stand-in."""

from html.parser import HTMLParser
from urllib.parse import parse_qs, urljoin, urlsplit

import httpx2

from operations.verify.check import Check, Failed, hold
from operations.verify.client import client
from operations.verify.connection import authorize_address, callback
from operations.verify.stack import LiveStack

_HOPS = 12


class _Form(HTMLParser):
    """The first form of a page: where it goes, and what it sends when nobody changes anything."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.action = ""
        self.method = "get"
        self.sent: dict[str, str] = {}
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep what ``tag`` adds to the form."""
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.action, self.method = given.get("action", ""), given.get("method", "get").lower()
        chosen = given.get("type") not in {"radio", "checkbox"} or "checked" in given
        if tag == "input" and given.get("name") and chosen:
            self.sent.setdefault(given["name"], given.get("value", ""))


def _signs_in(stack: LiveStack) -> str:
    hold(stack.setting("tiktokStandIn") == "true", "The stack has no stand-in, so a person has to sign in.")
    [application, *_] = stack.texts("applications") or [""]
    hold(application, "The stack names no application to sign in to.")
    end = callback(stack, application)
    with client() as browser:
        answer = browser.get(authorize_address(stack, application))
        for _ in range(_HOPS):
            target = urljoin(str(answer.url), answer.headers.get("location", ""))
            if answer.is_redirect and target.startswith(end):
                return _outcome(target)
            answer = browser.get(target) if answer.is_redirect else _allow(browser, answer)
    raise Failed(f"The sign-in goes round in circles at {answer.url.host}.")


def _allow(browser: httpx2.Client, page: httpx2.Response) -> httpx2.Response:
    """Say yes on the stand-in's consent page, or raise ``Failed`` for any other page."""
    form = _Form(page.text)
    consents = page.is_success and form.method == "post" and urlsplit(str(page.url)).path == "/v2/auth/authorize/"
    hold(consents, f"The sign-in ends at {page.url.host}{page.url.path} with {page.status_code}.")
    answer = {**form.sent, "decision": "allow"}
    return browser.post(urljoin(str(page.url), form.action), data={"person": "ada", **answer})


def _outcome(address: str) -> str:
    said = parse_qs(urlsplit(address).query)
    hold("code" in said, f"Auth0 refuses: {said.get('error', [''])[0]}: {said.get('error_description', [''])[0]}")
    return "a test person, back to the application with a code."


SIGN_IN = (
    Check(
        name="sign-in",
        remedy="Look at the newest event in Auth0's log: it holds what the token proxy or the profile script said.",
        probe=_signs_in,
    ),
)
