"""What a rehearsal shows below the application's own page: the hops of the sign-in, the tenant's log, the toggles."""

from collections.abc import Sequence
from http import HTTPStatus
from pathlib import Path

from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from emulators.auth0.state import Record
from rehearsal.emulated_vendors import EmulatedVendors
from rehearsal.fault_toggles import FAULT_TOGGLES, FaultToggles
from rehearsal.hops import Hop, trace_sign_in

_TEMPLATES = Environment(loader=FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True)
_EVENTS = 5
# What the deployment has left in the log (https://auth0.com/docs/deploy-monitor/logs/log-event-type-codes).
_OF_THE_MANAGEMENT_API = {"sapi", "fapi", "seccft", "feccft"}


class Inspector:
    """The inspector of one deployment."""

    def __init__(self, vendors: EmulatedVendors, toggles: FaultToggles) -> None:
        """Look at ``vendors``, and break it by ``toggles``."""
        self._vendors = vendors
        self._toggles = toggles

    def routes(self) -> Sequence[Route]:
        """Return the routes that its forms post to."""
        return [
            Route("/toggles/{name}", self._turn, methods=["POST"], name="toggle"),
            Route("/cold", self._let_go_cold, methods=["POST"], name="cold"),
        ]

    def html(self, request: Request) -> Markup:
        """Return what is shown to whoever sends ``request``: their own sign-in, or else the newest one."""
        shown = {
            "hops": self.hops(request),
            "events": self.events(),
            "toggles": FAULT_TOGGLES,
            "on": self._toggles.on,
            "instances": len(self._vendors.cloud.machine.instances),
            "address": request.url_for,
        }
        return Markup(_TEMPLATES.get_template("inspector.html").render(shown))  # noqa: S704  # the template escapes

    def hops(self, request: Request) -> list[Hop]:
        """Return the hops of the sign-in of whoever sends ``request``, or else of the newest one."""
        profile: dict[str, str] = request.session.get("profile", {})
        thread = request.query_params.get("state") or profile.get("nonce")
        return trace_sign_in(self._vendors.exchanges(), self._vendors.tenant.login.sign_ins, thread)

    def events(self) -> list[Record]:
        """Return the newest events of the tenant's log that are about people."""
        about_people = [event for event in self._vendors.tenant.log if event["type"] not in _OF_THE_MANAGEMENT_API]
        return about_people[-_EVENTS:][::-1]

    async def _turn(self, request: Request) -> Response:
        self._toggles.turn(request.path_params["name"])
        return _back(request)

    async def _let_go_cold(self, request: Request) -> Response:
        self._toggles.let_go_cold()
        return _back(request)


def _back(request: Request) -> Response:
    return RedirectResponse(request.url_for("home").replace(fragment="toggles"), HTTPStatus.SEE_OTHER)
