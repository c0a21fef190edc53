"""A whole sign-in through the real Auth0, without a browser, on a stack with the TikTok stand-in."""

from html.parser import HTMLParser
from urllib.parse import parse_qs, urljoin, urlsplit

import httpx2

from operations.errors import OperationError, require
from operations.http_client import http_client
from operations.stack import LiveStack
from operations.verify.check import check
from operations.verify.live import authorize_address, callback

_REDIRECTS = 12
# Auth0's pages for consent: https://auth0.com/docs/customize/login-pages/universal-login
_CONFIRMATION_PATH = "/u/consent"


class _Form(HTMLParser):
    """The first form of a page: its address, and the fields that it sends unchanged."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.action = ""
        self.method = "get"
        self.fields: dict[str, str] = {}
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Collect what ``tag`` adds to the form."""
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.action, self.method = given.get("action", ""), given.get("method", "get").lower()
        chosen = given.get("type") not in {"radio", "checkbox"} or "checked" in given
        if tag == "input" and given.get("name") and chosen:
            self.fields.setdefault(given["name"], given.get("value", ""))


@check(
    "sign-in",
    remedy="Read the newest event in Auth0's log: it holds the error of the token proxy or the profile script. If "
    "Auth0 asks for a confirmation, add an https callback to the application.",
)
def _sign_in(stack: LiveStack) -> str:
    require(stack.setting("tiktokStandIn") == "true", "The stack has no stand-in, so a person has to sign in.")
    [application, *_] = stack.texts("applications") or [""]
    require(application, "The stack names no application to sign in to.")
    end = callback(stack, application)
    with http_client() as browser:
        answer = browser.get(authorize_address(stack, application))
        for _ in range(_REDIRECTS):
            target = urljoin(str(answer.url), answer.headers.get("location", ""))
            if answer.is_redirect and target.startswith(end):
                return _read_callback(target)
            answer = browser.get(target) if answer.is_redirect else _allow(browser, answer)
    raise OperationError(f"The sign-in is a redirect loop at {answer.url.host}.")


def _allow(browser: httpx2.Client, page: httpx2.Response) -> httpx2.Response:
    """Accept on the stand-in's consent page, or raise ``OperationError`` for any other page."""
    form = _Form(page.text)
    require(
        not page.url.path.startswith(_CONFIRMATION_PATH),
        'Auth0 asks for a confirmation ("Authorize App"), since the application has no callback but on this machine.',
    )
    consents = page.is_success and form.method == "post" and urlsplit(str(page.url)).path == "/v2/auth/authorize/"
    require(consents, f"The sign-in ends at {page.url.host}{page.url.path} with {page.status_code}.")
    answer = {**form.fields, "decision": "allow"}
    return browser.post(urljoin(str(page.url), form.action), data={"person": "ada", **answer})


def _read_callback(address: str) -> str:
    query = parse_qs(urlsplit(address).query)
    error, description = query.get("error", [""])[0], query.get("error_description", [""])[0]
    require("code" in query, f"Auth0 refuses: {error}: {description}")
    return "a test person came back to the application with a code."


SIGN_IN = (_sign_in,)
