"""Faults that happen in production, each with a toggle, so that you see what your users would see."""

import secrets
from dataclasses import dataclass

from emulators.auth0.state import Record
from rehearsal.emulated_vendors import EmulatedVendors


@dataclass(frozen=True, kw_only=True)
class FaultToggle:
    """One fault: what users see, what the tenant's log says, and the remedy; ``section`` is in troubleshooting.md."""

    name: str
    title: str
    users_see: str
    log_says: str
    remedy: str
    section: str
    is_repairable: bool = False
    """Whether ``pulumi up --refresh`` repairs it."""


FAULT_TOGGLES = (
    FaultToggle(
        name="tiktok-down",
        title="TikTok's token endpoint fails",
        users_see="They allow the sign-in at TikTok and return without being signed in.",
        log_says="f, with the token proxy's description of the error.",
        remedy="Wait, and try again.",
        section="the-token-proxy",
    ),
    FaultToggle(
        name="secret-rotated",
        title="Client secret changed at TikTok only",
        users_see="They return from TikTok without being signed in.",
        log_says="f, and that TikTok refuses the client key or secret.",
        remedy="Set clientSecret to the new secret and run pulumi up.",
        section="the-token-proxy",
    ),
    FaultToggle(
        name="redirect-uri-missing",
        title="Redirect URI not registered",
        users_see="They stay on TikTok's error page.",
        log_says="Nothing: TikTok does not tell Auth0.",
        remedy="Register the redirect URI of the output tiktok_portal in TikTok's portal, character by character.",
        section="tiktoks-own-page",
    ),
    FaultToggle(
        name="token-url-drifted",
        title="Token URL edited by hand",
        users_see="They return from TikTok without being signed in.",
        log_says="f, because the token proxy answers 404.",
        remedy="Run pulumi up --refresh: it shows the edit and undoes it.",
        section="the-token-proxy",
        is_repairable=True,
    ),
)


class FaultToggles:
    """The toggles of one deployment; ``on`` has the names of those that are on."""

    def __init__(self, vendors: EmulatedVendors, connection: str) -> None:
        self.on: set[str] = set()
        self._vendors = vendors
        self._connection = connection
        self._token_url = self.connection_options()["tokenURL"]
        self._app = vendors.tiktok.apps[vendors.client_key]
        self._rotated = secrets.token_urlsafe()

    def toggle(self, name: str) -> None:
        """Turn the toggle of that name on, or off if it is on."""
        self.on ^= {name} & {toggle.name for toggle in FAULT_TOGGLES}
        self._apply()

    def forget_repaired(self) -> None:
        """Turn off the toggles that an update of the stack has repaired."""
        if self.connection_options()["tokenURL"] == self._token_url:
            self.on.discard("token-url-drifted")

    def stop_instances(self) -> None:
        """Stop every instance, so that the next sign-in waits for a cold start."""
        for service in self._vendors.cloud.services.values():
            service.scale(0)

    def connection_options(self) -> Record:
        """Return the connection's options, which each update of the connection replaces."""
        connection = self._vendors.tenant.connection_named(self._connection)
        if connection is None:
            raise LookupError(f"The tenant has no connection {self._connection}.")
        return connection["options"]

    def _apply(self) -> None:
        tiktok, app = self._vendors.tiktok, self._app
        tiktok.clear_faults()
        if "tiktok-down" in self.on:
            tiktok.queue_fault("token", "internal_error", times=1000)
        uris = ["https://example.com/elsewhere"] if "redirect-uri-missing" in self.on else list(app.redirect_uris)
        secret = self._rotated if "secret-rotated" in self.on else app.secret
        tiktok.register_app(app.key, secret, uris, scopes=list(app.scopes))
        self.connection_options()["tokenURL"] = self._token_url + ("s" if "token-url-drifted" in self.on else "")
