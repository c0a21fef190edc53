"""What goes wrong in production, by a toggle each, so that one sees what people would see."""

import secrets
from dataclasses import dataclass

from emulators.auth0.state import Record
from rehearsal.emulated_vendors import EmulatedVendors


@dataclass(frozen=True, kw_only=True)
class FaultToggle:
    """One thing that may be otherwise; ``shows`` says what people then see, and ``remedy`` what one does about it."""

    name: str
    title: str
    shows: str
    remedy: str
    turn_on: str = "Break it"
    turn_off: str = "Mend it"


FAULT_TOGGLES = (
    FaultToggle(
        name="tiktok-down",
        title="TikTok is down",
        shows="TikTok's pages still work, but its token endpoint fails. People come back without being signed in.",
        remedy="Waiting, and trying again.",
    ),
    FaultToggle(
        name="secret-rotated",
        title="Client secret rotated",
        shows="TikTok has a new secret and the stack has the old one. People come back without being signed in.",
        remedy="Set clientSecret (and previousClientSecret while both are in use), then run pulumi up.",
    ),
    FaultToggle(
        name="redirect-uri-missing",
        title="Redirect URI not registered",
        shows="People are stranded on TikTok's error page. Auth0 is not told, so its log is silent.",
        remedy="Register the redirect URI of the output tiktok_portal in TikTok's portal, to the letter.",
    ),
    FaultToggle(
        name="token-url-drifted",
        title="Token URL drifted",
        shows="Somebody edited the connection by hand in Auth0. People come back without being signed in.",
        remedy="Run pulumi up --refresh: it shows the edit, and undoes it.",
    ),
    FaultToggle(
        name="asks-every-time",
        title="TikTok asks every time",
        shows="TikTok's consent page comes at each sign-in, so that you can be somebody else. Sign out first.",
        remedy="It is TikTok's disable_auto_auth=1, which upstream_params of the connection may hold.",
        turn_on="Ask every time",
        turn_off="Remember people",
    ),
)


class FaultToggles:
    """The toggles of one deployment; ``on`` are the names of those that are on."""

    def __init__(self, vendors: EmulatedVendors, connection: str) -> None:
        """Take the vendors as they are for whole."""
        self.on: set[str] = set()
        self._vendors = vendors
        self._connection = connection
        self._token_url = self._options()["tokenURL"]
        self._upstream_params = self._options()["upstream_params"]
        self._app = vendors.tiktok.apps[vendors.client_key]
        self._rotated = secrets.token_urlsafe()

    def turn(self, name: str) -> None:
        """Turn the toggle of that name on, or off if it is on."""
        self.on ^= {name} & {toggle.name for toggle in FAULT_TOGGLES}
        self._apply()

    def let_go_cold(self) -> None:
        """Stop every instance, so that the next sign-in waits for a cold start."""
        for service in self._vendors.cloud.services.values():
            service.scale(0)

    def _options(self) -> Record:
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
        asks = {"disable_auto_auth": {"value": "1"}} if "asks-every-time" in self.on else {}
        self._options()["upstream_params"] = self._upstream_params | asks
        self._options()["tokenURL"] = self._token_url + ("s" if "token-url-drifted" in self.on else "")
