"""How the two providers become clients of their APIs: addresses, credentials, retries and error messages."""

import json
import ssl
import threading
import time
from collections.abc import Generator
from http import HTTPStatus
from urllib.parse import quote, urlsplit

import httpx2

from rehearsal.stand_in_plugins.http_client import SECONDS, ApiClient, ApiError, RetryPolicy, require_loopback
from rehearsal.stand_in_plugins.lifecycle import Lifecycle
from rehearsal.stand_in_plugins.properties import Properties

_GOOGLE_APIS = ("cloudRunV2", "storage", "iamBeta", "serviceUsage", "resourceManager", "monitoring")


class ClientCredentials(httpx2.Auth):
    """Sends a token by client credentials; requests one when needed, first with HTTP Basic, then with a form.

    https://auth0.com/docs/api/authentication#client-credentials-flow
    """

    requires_response_body = True

    def __init__(self, origin: str, audience: str, client_id: str, client_secret: str) -> None:
        self._url = origin + "/oauth/token"
        self._form = {"audience": audience, "grant_type": "client_credentials"}
        self._client = {"client_id": client_id, "client_secret": client_secret}
        self._lock = threading.Lock()
        self._token = ""
        self._expires_at = 0.0

    def sync_auth_flow(self, request: httpx2.Request) -> Generator[httpx2.Request, httpx2.Response, None]:
        with self._lock:
            if time.time() >= self._expires_at:
                yield from self._fetch_token()
        request.headers["Authorization"] = f"Bearer {self._token}"
        yield request

    def _fetch_token(self) -> Generator[httpx2.Request, httpx2.Response, None]:
        answer: httpx2.Response | None = None
        for request in (self._token_request(basic=True), self._token_request(basic=False)):
            answer = yield request
            answer.read()
            if answer.is_success:
                token = answer.json()
                self._token, self._expires_at = token["access_token"], time.time() + token.get("expires_in", 86400)
                return
        status = answer.status_code if answer else 0
        raise ApiError(f"oauth2: cannot fetch token: {status}\nResponse: {answer.text if answer else ''}", status)

    def _token_request(self, *, basic: bool) -> httpx2.Request:
        form = self._form if basic else {**self._form, **self._client}
        request = httpx2.Request("POST", self._url, data=form)
        if basic:
            pair = (quote(value, safe="") for value in self._client.values())
            request = next(httpx2.BasicAuth(*pair).sync_auth_flow(request))
        return request


def configure_auth0(config: Properties, tls: ssl.SSLContext | None) -> Lifecycle:
    """Return a client of the tenant that the configuration names."""
    host = config.get("domain", "").rpartition("://")[2]
    origin = require_loopback("auth0:domain", f"https://{host}")
    audience = config.get("audience") or f"{origin}/api/v2/"
    auth = ClientCredentials(origin, audience, config.get("clientId", ""), config.get("clientSecret", ""))
    http = httpx2.Client(auth=auth, verify=tls or ssl.create_default_context(), timeout=SECONDS, trust_env=False)
    retry = RetryPolicy(
        statuses=frozenset({500, 502, 503, 504, 524}), unlimited=frozenset({429}), delay=_wait_for_reset
    )
    api = ApiClient(http=http, base_urls={"": origin}, retry=retry, format_error=_format_auth0_error)
    return Lifecycle(api=api, config={})


def _wait_for_reset(answer: httpx2.Response | None, tries: int) -> float:
    if answer is not None and answer.status_code == HTTPStatus.TOO_MANY_REQUESTS:
        return max(0.01, float(answer.headers.get("X-RateLimit-Reset", time.time() + 5)) - time.time())
    return 0.5 * 2 ** (tries - 1)


def _format_auth0_error(answer: httpx2.Response) -> str:
    try:
        body = answer.json()
        return f"{body['statusCode']} {body['error']}: {body['message']}"
    except (ValueError, KeyError, TypeError):
        return f"{answer.status_code} {answer.reason_phrase}"


def configure_google_cloud(config: Properties, tls: ssl.SSLContext | None) -> Lifecycle:
    """Return a client of the Google APIs at the endpoints that the configuration names."""
    names = {api: f"{api}CustomEndpoint" for api in _GOOGLE_APIS}
    urls = {api: require_loopback(f"gcp:{name}", config.get(name, "")) for api, name in names.items()}
    storage = urlsplit(urls["storage"])
    urls["upload"] = f"{storage.scheme}://{storage.netloc}/upload/storage/v1/"
    if not config.get("accessToken"):
        raise ValueError("gcp:accessToken is not set, and a stand-in plugin knows no other way to sign in.")
    headers = {"Authorization": f"Bearer {config['accessToken']}"}
    http = httpx2.Client(headers=headers, verify=tls or ssl.create_default_context(), timeout=SECONDS, trust_env=False)
    retry = RetryPolicy(statuses=frozenset({429, 500, 502, 503}), delay=lambda _, tries: 0.5 * 2 ** (tries - 1))
    api = ApiClient(http=http, base_urls=urls, retry=retry, format_error=_format_google_error)
    project = config.get("project", "")
    return Lifecycle(api=api, config={"project": project, "own_project": project})


def _format_google_error(answer: httpx2.Response) -> str:
    """Format an error as googleapi.Error of Google's Go client: https://github.com/googleapis/google-api-go-client."""
    try:
        error = answer.json()["error"]
        text = f"googleapi: Error {error['code']}: {error['message']}"
    except (ValueError, KeyError, TypeError):
        return f"googleapi: got HTTP response code {answer.status_code} with body: {answer.text}"
    if error.get("details"):
        text += "\nDetails:\n" + json.dumps(error["details"], indent=2, sort_keys=True) + "\n"
    return ", ".join([text, *(reason["reason"] for reason in error.get("errors", []))])
