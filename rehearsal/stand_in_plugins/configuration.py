"""Clients of the vendors' APIs from the providers' configuration: addresses, credentials, retries and errors."""

import json
import re
import ssl
import threading
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from functools import partial
from http import HTTPStatus
from pathlib import Path
from urllib.parse import quote, urlsplit

import httpx2
from joserfc import jwt
from joserfc.jwk import RSAKey

from rehearsal.stand_in_plugins.http_client import SECONDS, ApiClient, ApiError, RetryPolicy, require_loopback
from rehearsal.stand_in_plugins.lifecycle import Lifecycle
from rehearsal.stand_in_plugins.properties import Properties

_GOOGLE_APIS = ("cloudRunV2", "storage", "iamBeta", "serviceUsage", "resourceManager", "monitoring")
_GOOGLE_SCOPE = "https://www.googleapis.com/auth/cloud-platform"

# The variables that replace a setting which the stack does not have, in the provider's order.
# https://www.pulumi.com/registry/packages/auth0/installation-configuration/
AUTH0_VARIABLES = {
    "domain": ("AUTH0_DOMAIN",),
    "clientId": ("AUTH0_CLIENT_ID",),
    "clientSecret": ("AUTH0_CLIENT_SECRET",),
    "apiToken": ("AUTH0_API_TOKEN",),
    "audience": ("AUTH0_AUDIENCE",),
    "clientAssertionPrivateKey": ("AUTH0_CLIENT_ASSERTION_PRIVATE_KEY",),
    "cliLogin": ("AUTH0_CLI_LOGIN",),
}
# https://www.pulumi.com/registry/packages/gcp/installation-configuration/
GOOGLE_VARIABLES = {
    "accessToken": ("GOOGLE_OAUTH_ACCESS_TOKEN",),
    "credentials": ("GOOGLE_CREDENTIALS", "GOOGLE_CLOUD_KEYFILE_JSON", "GCLOUD_KEYFILE_JSON"),
    "impersonateServiceAccount": ("GOOGLE_IMPERSONATE_SERVICE_ACCOUNT",),
    "project": ("GOOGLE_PROJECT", "GOOGLE_CLOUD_PROJECT", "GCLOUD_PROJECT", "CLOUDSDK_CORE_PROJECT"),
    "region": ("GOOGLE_REGION", "GCLOUD_REGION", "CLOUDSDK_COMPUTE_REGION"),
    "zone": ("GOOGLE_ZONE", "GCLOUD_ZONE", "CLOUDSDK_COMPUTE_ZONE"),
    **{
        f"{api}CustomEndpoint": (re.sub(r"([A-Z])", r"_\1", f"google{api[0].upper()}{api[1:]}CustomEndpoint").upper(),)
        for api in _GOOGLE_APIS
    },
}


def read_variables(variables: Mapping[str, tuple[str, ...]], environment: Mapping[str, str]) -> Properties:
    """Return the value of each setting whose variable is set."""
    values = {name: next(filter(None, map(environment.get, names)), "") for name, names in variables.items()}
    return {name: value for name, value in values.items() if value}


class TokenAuth(httpx2.Auth):
    """Sends an access token; requests one when needed, with each of ``requests`` until one succeeds."""

    requires_response_body = True

    def __init__(self, requests: Callable[[], Iterable[httpx2.Request]]) -> None:
        self._requests = requests
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
        status, text = 0, ""
        for request in self._requests():
            answer = yield request
            answer.read()
            if answer.is_success:
                token = answer.json()
                self._token, self._expires_at = token["access_token"], time.time() + token.get("expires_in", 86400)
                return
            status, text = answer.status_code, answer.text
        raise ApiError(f"oauth2: cannot fetch token: {status}\nResponse: {text}", status)


class StaticTokenAuth(httpx2.Auth):
    """Sends a given access token."""

    def __init__(self, token: str) -> None:
        self._token = token

    def sync_auth_flow(self, request: httpx2.Request) -> Generator[httpx2.Request, httpx2.Response, None]:
        request.headers["Authorization"] = f"Bearer {self._token}"
        yield request


def configure_auth0(config: Properties, tls: ssl.SSLContext | None) -> Lifecycle:
    """Return a client of the tenant that the configuration names."""
    host = config.get("domain", "").rpartition("://")[2]
    origin = require_loopback("auth0:domain (or AUTH0_DOMAIN)", f"https://{host}")
    retry = RetryPolicy(
        statuses=frozenset({500, 502, 503, 504, 524}), unlimited=frozenset({429}), delay=_wait_for_reset
    )
    http = _create_http(_authenticate_at_auth0(config, origin), tls)
    api = ApiClient(http=http, base_urls={"": origin}, retry=retry, format_error=_format_auth0_error)
    return Lifecycle(api=api, config={})


def _create_http(auth: httpx2.Auth, tls: ssl.SSLContext | None) -> httpx2.Client:
    return httpx2.Client(auth=auth, verify=tls or ssl.create_default_context(), timeout=SECONDS, trust_env=False)


def _authenticate_at_auth0(config: Properties, origin: str) -> httpx2.Auth:
    """Choose the credentials in the provider's order: `auth0 login`, a token, a client.

    https://github.com/auth0/terraform-provider-auth0/blob/main/internal/config/config.go
    """
    if str(config.get("cliLogin", "")).lower() in {"true", "1"}:
        raise ValueError("auth0:cliLogin (or AUTH0_CLI_LOGIN) is set, but a stand-in plugin reads no keyring.")
    if config.get("apiToken"):
        return StaticTokenAuth(config["apiToken"])
    if config.get("clientId") and config.get("clientSecret"):
        audience = config.get("audience") or f"{origin}/api/v2/"
        client = {"client_id": config["clientId"], "client_secret": config["clientSecret"]}
        return TokenAuth(partial(_request_client_token, origin + "/oauth/token", audience, client))
    if config.get("clientAssertionPrivateKey"):
        raise ValueError(
            "auth0:clientAssertionPrivateKey (or AUTH0_CLIENT_ASSERTION_PRIVATE_KEY) is set, but the Auth0 emulator "
            "takes no client assertion."
        )
    raise ValueError(
        "Auth0 needs credentials: set auth0:clientId and auth0:clientSecret (or AUTH0_CLIENT_ID and "
        "AUTH0_CLIENT_SECRET), or auth0:apiToken (or AUTH0_API_TOKEN)."
    )


def _request_client_token(url: str, audience: str, client: Mapping[str, str]) -> Iterator[httpx2.Request]:
    """Yield requests for client credentials: first with HTTP Basic, then with a form, as Go's oauth2 does.

    https://auth0.com/docs/api/authentication#client-credentials-flow
    """
    form = {"audience": audience, "grant_type": "client_credentials"}
    pair = (quote(value, safe="") for value in client.values())
    yield next(httpx2.BasicAuth(*pair).sync_auth_flow(httpx2.Request("POST", url, data=form)))
    yield httpx2.Request("POST", url, data={**form, **client})


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
    urls = {api: require_loopback(f"gcp:{name}", config[name]) for api, name in names.items() if config.get(name)}
    storage = urlsplit(urls.get("storage", ""))
    urls["upload"] = f"{storage.scheme}://{storage.netloc}/upload/storage/v1/"
    retry = RetryPolicy(statuses=frozenset({429, 500, 502, 503}), delay=lambda _, tries: 0.5 * 2 ** (tries - 1))
    http = _create_http(_authenticate_at_google(config), tls)
    api = ApiClient(http=http, base_urls=urls, retry=retry, format_error=_format_google_error)
    project = config.get("project", "")
    return Lifecycle(api=api, config={"project": project, "own_project": project})


def _authenticate_at_google(config: Properties) -> httpx2.Auth:
    """Choose the credentials in the provider's order: a token, then a key, as text or as a file."""
    if config.get("impersonateServiceAccount"):
        raise ValueError(
            "gcp:impersonateServiceAccount (or GOOGLE_IMPERSONATE_SERVICE_ACCOUNT) is set, but a stand-in plugin "
            "cannot impersonate."
        )
    if config.get("accessToken"):
        return StaticTokenAuth(config["accessToken"])
    if config.get("credentials"):
        return TokenAuth(partial(_request_key_token, _read_key(config["credentials"])))
    raise ValueError(
        "Google needs credentials: set gcp:accessToken (or GOOGLE_OAUTH_ACCESS_TOKEN), or gcp:credentials (or "
        "GOOGLE_CREDENTIALS) with a service account's key. A stand-in plugin reads no default credentials."
    )


def _read_key(credentials: str) -> Properties:
    """Return a service account's key; its token address must be on loopback, which Google's own keys never are."""
    try:
        text = credentials if credentials.lstrip().startswith("{") else Path(credentials).read_text("utf-8")
        key: Properties = json.loads(text)
        RSAKey.import_key(key["private_key"])
    except (OSError, ValueError, KeyError, TypeError):
        raise ValueError("gcp:credentials (or GOOGLE_CREDENTIALS) is no key of a service account.") from None
    require_loopback("The token_uri of gcp:credentials (or GOOGLE_CREDENTIALS)", key.get("token_uri", ""))
    return key


def _request_key_token(key: Properties) -> Iterator[httpx2.Request]:
    """Yield a request with a signed assertion (https://developers.google.com/identity/protocols/oauth2/service-account)."""
    now = int(time.time())
    claims = {
        "iss": key["client_email"],
        "scope": _GOOGLE_SCOPE,
        "aud": key["token_uri"],
        "iat": now,
        "exp": now + 3600,
    }
    header = {"alg": "RS256", "typ": "JWT", "kid": key.get("private_key_id", "")}
    assertion = jwt.encode(header, claims, RSAKey.import_key(key["private_key"]))
    form = {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": assertion}
    yield httpx2.Request("POST", key["token_uri"], data=form)


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
