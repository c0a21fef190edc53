"""TikTok, Auth0 and Google Cloud on this machine, with everything registered that a deployment expects to find."""

import secrets
import socket
from collections.abc import Generator, Iterable, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from urllib.parse import urljoin, urlsplit

from emulators import auth0, google_cloud, tiktok
from emulators.kit.authority import ThrowAwayAuthority
from emulators.kit.recording import Exchange, Recorded
from emulators.kit.serving import serving
from infra.permissions import DEPLOYER_ALERT_ROLES, DEPLOYER_ROLES, DEPLOYER_SCOPES
from infra.vendor_rules import THIS_PYTHON
from rehearsal.stack import Secret

VENDOR_PORTS = 4
APPLICATION = "rehearsal-application"
CONNECTION = "tiktok"
_DEPLOYER = "rehearsal-deployer"
# The path of each Google API, by the provider's setting for its address.
_GOOGLE_ENDPOINTS = {
    "cloudRunV2CustomEndpoint": "/v2/",
    "iamBetaCustomEndpoint": "/v1/",
    "monitoringCustomEndpoint": "/",
    "resourceManagerCustomEndpoint": "/v1/",
    "serviceUsageCustomEndpoint": "/v1/",
    "storageCustomEndpoint": "/storage/v1/",
}


_ENABLED_APIS = (
    *("cloudbilling", "cloudresourcemanager", "iam", "run", "storage"),
    *("logging", "monitoring", "serviceusage"),  # a new project has these
)


@dataclass(frozen=True, kw_only=True)
class Registration:
    """An application as a developer registers it at Auth0; ``name`` is also its client id."""

    name: str = APPLICATION
    spa: bool = False
    callbacks: Sequence[str] = ()
    logout_urls: Sequence[str] = ()
    web_origins: Sequence[str] = ()

    def add_to(self, tenant: auth0.Tenant) -> None:
        """Register the application; by default it may log out to the root of each callback's origin.

        A single-page application may call Auth0 from those origins, and has no secret.
        """
        roots = [urljoin(callback, "/") for callback in self.callbacks]
        origins = [*self.web_origins, *([root.rstrip("/") for root in roots] if self.spa else [])]
        tenant.add_application(
            self.name,
            "" if self.spa else secrets.token_urlsafe(),
            *_both_spellings(self.callbacks),
            allowed_logout_urls=_both_spellings([*self.logout_urls, *roots]),
            web_origins=list(dict.fromkeys(origins)),
            skip_non_verifiable_callback_uri_confirmation_prompt=True,
            **({"app_type": "spa", "token_endpoint_auth_method": "none"} if self.spa else {}),
        )


def _both_spellings(urls: Iterable[str]) -> list[str]:
    """Add each root URL both with and without its slash, because Auth0 compares URLs as text."""
    spellings: list[str] = []
    for url in urls:
        spellings.append(url)
        if urlsplit(url).path in {"", "/"} and not urlsplit(url).query:
            spellings += [url.rstrip("/"), url.rstrip("/") + "/"]
    return list(dict.fromkeys(spellings))


@dataclass(frozen=True, kw_only=True)
class EmulatedVendors:
    """The three vendors as emulators, the origins that they are served on, and the key and secrets of this one run."""

    tiktok: tiktok.TikTok
    tenant: auth0.Tenant
    cloud: google_cloud.GoogleCloud
    authority: ThrowAwayAuthority
    tiktok_origin: str
    auth0_origin: str
    login_origin: str
    google_origin: str
    client_key: str
    client_secret: str
    deployer_secret: str
    access_token: str
    applications: Sequence[Registration] = (Registration(),)
    tiktok_exchanges: list[Exchange] = field(default_factory=list[Exchange])

    def exchanges(self) -> list[Exchange]:
        """Return the requests and answers of Auth0, the token proxy and TikTok, secrets included."""
        return [*self.tenant.received, *self.cloud.received_by_services, *self.tiktok_exchanges]

    @property
    def domain(self) -> str:
        """Return the tenant's domain, as the Auth0 provider is given it."""
        return self.auth0_origin.removeprefix("https://")

    def configuration(self) -> dict[str, str]:
        """Return the settings of a stack on these vendors; the others keep the defaults of Pulumi.yaml."""
        return {**self._provider_settings(), **self._own_settings()}

    def _own_settings(self) -> dict[str, str]:
        settings = {
            "clientKey": self.client_key,
            "clientSecret": Secret(self.client_secret),
            **{f"applications[{place}]": each.name for place, each in enumerate(self.applications)},
            "scopes[0]": "user.info.basic",
            "scopes[1]": "user.info.profile",
            "loginOrigin": self.login_origin,
            "tiktokOrigin": self.tiktok_origin,
            "tiktokApiOrigin": self.tiktok_origin,
            "runtime": THIS_PYTHON,
            "protect": "false",
        }
        return {f"tiktok-login:{name}": value for name, value in settings.items()}

    def _provider_settings(self) -> dict[str, str]:
        endpoints = {f"gcp:{name}": self.google_origin + path for name, path in _GOOGLE_ENDPOINTS.items()}
        return {
            "auth0:domain": self.domain,
            "auth0:clientId": _DEPLOYER,
            "auth0:clientSecret": Secret(self.deployer_secret),
            "gcp:project": self.cloud.project,
            "gcp:region": "europe-west1",
            "gcp:accessToken": Secret(self.access_token),
            "gcp:addPulumiAttributionLabel": "false",
            "gcp:batching.enableBatching": "false",
            **endpoints,
        }


class PortTakenError(Exception):
    """A requested port is taken on this machine."""


def _ports(first: int, number: int) -> list[int]:
    """Return ``number`` free ports from ``first`` on; 0 returns zeros, which mean any port."""
    ports = [first and first + place for place in range(number)]
    for port in ports:
        try:
            socket.create_server(("127.0.0.1", port)).close()
        except (OSError, OverflowError) as error:
            raise PortTakenError(f"Port {port} cannot be used on this machine: {error}.") from error
    return ports


def _prepared_project(project: str) -> google_cloud.GoogleCloud:
    """Return a project as docs/getting-started.md prepares it, with a deployer who has the documented roles."""
    deployer = google_cloud.Caller(roles=frozenset({*DEPLOYER_ROLES, *DEPLOYER_ALERT_ROLES}))
    enabled = {f"{api}.googleapis.com" for api in _ENABLED_APIS}
    return google_cloud.GoogleCloud(project=project, enabled=enabled, deployer=deployer)


@contextmanager
def emulated_vendors(
    first_port: int = 0,
    applications: Sequence[Registration] = (Registration(),),
    project: str = "proj-1",
    authority: ThrowAwayAuthority | None = None,
) -> Generator[EmulatedVendors]:
    """Serve new emulators until the block ends: on free ports, or on the four from ``first_port`` on.

    ``authority`` certifies Auth0; by default a new one does.
    """
    ports = _ports(first_port, VENDOR_PORTS)
    authority = authority or ThrowAwayAuthority()
    people = tiktok.TikTok(allow_http=True)
    # The limits of Auth0's Free plan would add some seconds to each update.
    tenant = auth0.Tenant(rate_limits=auth0.RateLimits(auth0.NO_LIMITS))
    seen: list[Exchange] = []
    with ExitStack() as stack:
        cloud = stack.enter_context(_prepared_project(project))
        login = stack.enter_context(serving(auth0.create_app(tenant), port=ports[0]))
        tls = authority.server_context()
        vendors = EmulatedVendors(
            tiktok=people,
            tenant=tenant,
            cloud=cloud,
            authority=authority,
            login_origin=login.replace("127.0.0.1", "localhost"),
            tiktok_origin=stack.enter_context(serving(Recorded(tiktok.create_app(people), seen.append), port=ports[1])),
            tiktok_exchanges=seen,
            auth0_origin=stack.enter_context(serving(auth0.create_app(tenant), tls=tls, port=ports[2])),
            google_origin=stack.enter_context(serving(google_cloud.create_app(cloud), port=ports[3])),
            client_key="aw" + secrets.token_hex(8),
            client_secret=secrets.token_urlsafe(24),
            deployer_secret=secrets.token_urlsafe(),
            access_token=secrets.token_urlsafe(),
            applications=applications,
        )
        _register(vendors)
        yield vendors


def _register(vendors: EmulatedVendors) -> None:
    vendors.tiktok.register_app(vendors.client_key, vendors.client_secret, [f"{vendors.login_origin}/login/callback"])
    for application in vendors.applications:
        application.add_to(vendors.tenant)
    vendors.tenant.add_deployer(_DEPLOYER, vendors.deployer_secret, DEPLOYER_SCOPES)
