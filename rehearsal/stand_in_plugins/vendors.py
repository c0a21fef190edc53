"""How the two providers are configured, signed in and spoken to; never from the environment, which is the user's."""

import json
import ssl
import threading
import time
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import quote, urlsplit

import httpx2

from rehearsal.stand_in_plugins import auth0, cloud_run, google_cloud
from rehearsal.stand_in_plugins.api import Api, Manners, Refused, loopback
from rehearsal.stand_in_plugins.description import LookUp, ResourceType
from rehearsal.stand_in_plugins.lifecycle import Lifecycle
from rehearsal.stand_in_plugins.properties import Properties

_SECONDS = 120  # as the released plugins wait for one answer


@dataclass(frozen=True, kw_only=True)
class Vendor:
    """One provider: what it declares, and how its configuration becomes something that acts."""

    name: str
    package: str  # the SDK's distribution, whose version the plugin goes by
    resources: Mapping[str, ResourceType]
    look_ups: Mapping[str, LookUp]
    secrets: frozenset[str]
    configured: Callable[[Properties, ssl.SSLContext | None], Lifecycle]


class ClientCredentials(httpx2.Auth):
    """A token by client credentials, asked for once: by HTTP Basic first, and on any error in the form.

    https://auth0.com/docs/api/authentication#client-credentials-flow
    """

    requires_response_body = True

    def __init__(self, origin: str, audience: str, client_id: str, client_secret: str) -> None:
        """Ask at ``origin``, when first needed."""
        self._url = origin + "/oauth/token"
        self._form = {"audience": audience, "grant_type": "client_credentials"}
        self._client = {"client_id": client_id, "client_secret": client_secret}
        self._lock = threading.Lock()
        self._token = ""
        self._until = 0.0

    def sync_auth_flow(self, request: httpx2.Request) -> Generator[httpx2.Request, httpx2.Response, None]:
        """Give the request a token that has not expired."""
        with self._lock:
            if time.time() >= self._until:
                yield from self._fetched()
        request.headers["Authorization"] = f"Bearer {self._token}"
        yield request

    def _fetched(self) -> Generator[httpx2.Request, httpx2.Response, None]:
        answer: httpx2.Response | None = None
        for request in (self._asked(basic=True), self._asked(basic=False)):
            answer = yield request
            answer.read()
            if answer.is_success:
                token = answer.json()
                self._token, self._until = token["access_token"], time.time() + token.get("expires_in", 86400)
                return
        status = answer.status_code if answer else 0
        raise Refused(f"oauth2: cannot fetch token: {status}\nResponse: {answer.text if answer else ''}", status)

    def _asked(self, *, basic: bool) -> httpx2.Request:
        form = self._form if basic else {**self._form, **self._client}
        request = httpx2.Request("POST", self._url, data=form)
        if basic:
            pair = (quote(value, safe="") for value in self._client.values())
            request = next(httpx2.BasicAuth(*pair).sync_auth_flow(request))
        return request


def _auth0_pause(answer: httpx2.Response | None, tries: int) -> float:
    if answer is not None and answer.status_code == HTTPStatus.TOO_MANY_REQUESTS:
        return max(0.01, float(answer.headers.get("X-RateLimit-Reset", time.time() + 5)) - time.time())
    return 0.5 * 2 ** (tries - 1)


def _auth0_message(answer: httpx2.Response) -> str:
    try:
        body = answer.json()
        return f"{body['statusCode']} {body['error']}: {body['message']}"
    except (ValueError, KeyError, TypeError):
        return f"{answer.status_code} {answer.reason_phrase}"


def _auth0(config: Properties, tls: ssl.SSLContext | None) -> Lifecycle:
    host = config.get("domain", "").rpartition("://")[2]
    origin = loopback("auth0:domain", f"https://{host}")
    audience = config.get("audience") or f"{origin}/api/v2/"
    auth = ClientCredentials(origin, audience, config.get("clientId", ""), config.get("clientSecret", ""))
    client = httpx2.Client(auth=auth, verify=tls or ssl.create_default_context(), timeout=_SECONDS, trust_env=False)
    manners = Manners(
        message=_auth0_message,
        retried=frozenset({500, 502, 503, 504, 524}),
        patient=frozenset({429}),
        pause=_auth0_pause,
    )
    return Lifecycle(api=Api(client, manners), bases={"": origin}, config={})


def _google_message(answer: httpx2.Response) -> str:
    """Say it as Google's Go client does: https://github.com/googleapis/google-api-go-client, googleapi.Error."""
    try:
        error = answer.json()["error"]
        text = f"googleapi: Error {error['code']}: {error['message']}"
    except (ValueError, KeyError, TypeError):
        return f"googleapi: got HTTP response code {answer.status_code} with body: {answer.text}"
    if error.get("details"):
        text += "\nDetails:\n" + json.dumps(error["details"], indent=2, sort_keys=True) + "\n"
    return ", ".join([text, *(reason["reason"] for reason in error.get("errors", []))])


_ENDPOINTS = ("cloudRunV2", "storage", "iamBeta", "serviceUsage", "resourceManager")


def _gcp(config: Properties, tls: ssl.SSLContext | None) -> Lifecycle:
    bases = {api: loopback(f"gcp:{api}CustomEndpoint", config.get(f"{api}CustomEndpoint", "")) for api in _ENDPOINTS}
    storage = urlsplit(bases["storage"])
    bases["upload"] = f"{storage.scheme}://{storage.netloc}/upload/storage/v1/"
    if not config.get("accessToken"):
        raise ValueError("gcp:accessToken is not set, and a stand-in plugin knows no other way to sign in.")
    headers = {"Authorization": f"Bearer {config['accessToken']}"}
    client = httpx2.Client(
        headers=headers, verify=tls or ssl.create_default_context(), timeout=_SECONDS, trust_env=False
    )
    manners = Manners(
        message=_google_message,
        retried=frozenset({429, 500, 502, 503}),
        pause=lambda _, tries: 0.5 * 2 ** (tries - 1),
    )
    project = config.get("project", "")
    values = {"project": project, "own_project": project}
    return Lifecycle(api=Api(client, manners), bases=bases, config=values)


AUTH0 = Vendor(
    name="auth0",
    package="pulumi_auth0",
    resources=auth0.RESOURCES,
    look_ups=auth0.LOOK_UPS,
    secrets=frozenset(),
    configured=_auth0,
)
GCP = Vendor(
    name="gcp",
    package="pulumi_gcp",
    resources={
        "gcp:projects/service:Service": google_cloud.SERVICE,
        "gcp:serviceaccount/account:Account": google_cloud.ACCOUNT,
        "gcp:storage/bucket:Bucket": google_cloud.BUCKET,
        "gcp:storage/bucketObject:BucketObject": google_cloud.BUCKET_OBJECT,
        "gcp:cloudrunv2/service:Service": cloud_run.SERVICE,
        "gcp:cloudrunv2/serviceIamMember:ServiceIamMember": cloud_run.SERVICE_IAM_MEMBER,
    },
    look_ups={"gcp:organizations/getProject:getProject": google_cloud.GET_PROJECT},
    secrets=frozenset({"accessToken"}),
    configured=_gcp,
)
