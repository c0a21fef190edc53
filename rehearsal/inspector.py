"""The part of the rehearsal's page below the application: faults, the sign-in's hops, logs and the deployment."""

import json
import time
from collections.abc import Callable, Iterable, Sequence
from http import HTTPStatus
from pathlib import Path
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from emulators.auth0.state import Record
from emulators.kit.recording import Exchange
from emulators.tiktok.authorize import AUTHORIZE_PATH
from rehearsal import documents
from rehearsal.emulated_vendors import EmulatedVendors
from rehearsal.fault_toggles import FAULT_TOGGLES, FaultToggles
from rehearsal.hops import Hop, trace_sign_in

_TEMPLATES = Environment(loader=FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True)
_EVENTS = 5
_LOG_SECONDS = 1.0
# Events of the Management API (https://auth0.com/docs/deploy-monitor/logs/log-event-type-codes).
_DEPLOYMENT_EVENTS = {"sapi", "fapi", "seccft", "feccft"}
# Where troubleshooting.md explains the refusal of a hop, by who asked and who answered.
_SECTIONS = {
    ("Browser", "TikTok"): "tiktoks-own-page",
    ("Auth0", "token proxy"): "the-token-proxy",
    ("Token proxy", "TikTok"): "the-token-proxy",
    ("Auth0", "profile script"): "the-profile-script",
    ("Profile script", "TikTok"): "the-profile-script",
}
Repair = Callable[[], str]
"""Run ``pulumi up --refresh`` and return its output."""


class Inspector:
    """The inspector of one deployment."""

    def __init__(self, vendors: EmulatedVendors, toggles: FaultToggles, repair: Repair) -> None:
        self._vendors = vendors
        self._toggles = toggles
        self._repair = repair
        self._repair_output = ""

    def routes(self) -> Sequence[Route]:
        """Return the routes of its forms and links."""
        return [
            Route("/faults/{name}", self._toggle, methods=["POST"], name="toggle"),
            Route("/stop-instances", self._stop_instances, methods=["POST"], name="stop_instances"),
            Route("/repair", self._run_repair, methods=["POST"], name="repair"),
            Route("/somebody-else", self._forget_session, methods=["POST"], name="somebody_else"),
            Route("/forget-person", self._forget_person, methods=["POST"], name="forget_person"),
            documents.ROUTE,
        ]

    def html(self, request: Request) -> Markup:
        """Return the inspector for a browser: with the hops of its own sign-in, or else of the newest one."""
        hops = self.hops(request)
        shown = {
            "deployment": self._deployment(request),
            "hops": hops,
            "events": self.events(),
            "proxy_log": self._proxy_log(hops),
            "toggles": FAULT_TOGGLES,
            "on": self._toggles.on,
            "instances": len(self._vendors.cloud.machine.instances),
            "repair_output": self._repair_output,
            "sections": _SECTIONS,
            "troubleshooting": request.url_for("document", name="troubleshooting"),
            "address": request.url_for,
        }
        return Markup(_TEMPLATES.get_template("inspector.html").render(shown))  # noqa: S704  # the template escapes

    def hops(self, request: Request) -> list[Hop]:
        """Return the hops of the browser's own sign-in, or else of the newest one."""
        profile: dict[str, str] = request.session.get("profile", {})
        thread = request.query_params.get("state") or profile.get("nonce")
        return trace_sign_in(self._vendors.exchanges(), self._vendors.tenant.login.sign_ins, thread)

    def events(self) -> list[Record]:
        """Return the newest events of the tenant's log that are about people."""
        about_people = [event for event in self._vendors.tenant.log if event["type"] not in _DEPLOYMENT_EVENTS]
        return about_people[-_EVENTS:][::-1]

    def _deployment(self, request: Request) -> list[tuple[str, str]]:
        """Return the parts of the deployment in the order of a sign-in, each with its address."""
        options, vendors = self._toggles.connection_options(), self._vendors
        addresses = {
            "Your application": str(request.base_url),
            "Auth0 connection tiktok": vendors.login_origin,
            "Token proxy on Cloud Run": options["tokenURL"],
            "TikTok": vendors.tiktok_origin,
        }
        return [(name, address.removeprefix("http://").rstrip("/")) for name, address in addresses.items()]

    def _proxy_log(self, hops: Iterable[Hop]) -> list[str]:
        """Return the token proxy's own lines about these hops: it writes one for each request, in the same order."""
        received = self._vendors.cloud.received_by_services
        requests = [each for each in received if each.path.startswith("/proxy/")]
        lines = self._proxy_lines(requests)
        began = {hop.began for hop in hops}
        return [line for each, line in zip(requests, lines, strict=False) if each.began in began]

    def _proxy_lines(self, requests: Sequence[Exchange]) -> list[str]:
        """Return the proxy's lines about requests; the last line may arrive a moment after the answer."""
        until = max((each.began + each.seconds for each in requests), default=0.0) + _LOG_SECONDS
        while True:
            lines = [log.line for log in self._vendors.cloud.logs if "/proxy/" in _requested(log.line)]
            if len(lines) >= len(requests) or time.time() > until:
                return lines
            time.sleep(0.01)

    async def _toggle(self, request: Request) -> Response:
        name = request.path_params["name"]
        self._toggles.toggle(name)
        return _redirect_home(request, name)

    async def _stop_instances(self, request: Request) -> Response:
        self._toggles.stop_instances()
        return _redirect_home(request, "stop-instances")

    async def _run_repair(self, request: Request) -> Response:
        self._repair_output = await run_in_threadpool(self._repair)
        self._toggles.forget_repaired()
        return _redirect_home(request, "repair")

    async def _forget_session(self, request: Request) -> Response:
        """End the browser's session here and at Auth0, and go on to end the one at TikTok."""
        request.session.clear()
        sessions = self._vendors.tenant.login.sessions
        for value in request.cookies.values():  # Auth0 is another port of the same host, so its cookie comes along
            sessions.pop(value, None)
        elsewhere = request.url_for("forget_person").replace(hostname="127.0.0.1")
        return RedirectResponse(elsewhere, HTTPStatus.TEMPORARY_REDIRECT)

    async def _forget_person(self, request: Request) -> Response:
        """Delete TikTok's cookie, which belongs to 127.0.0.1 whatever the port, and sign in."""
        answer = RedirectResponse(
            request.url_for("sign_in").replace(hostname="localhost"), HTTPStatus.TEMPORARY_REDIRECT
        )
        answer.delete_cookie(f"session-{self._vendors.client_key}", path=AUTHORIZE_PATH)
        return answer


def _requested(line: str) -> str:
    """Return the path that a line of the token proxy's log is about."""
    request: dict[str, str] = json.loads(line).get("httpRequest", {})
    return urlsplit(request.get("requestUrl", "")).path


def _redirect_home(request: Request, fragment: str) -> Response:
    return RedirectResponse(request.url_for("home").replace(fragment=fragment), HTTPStatus.SEE_OTHER)
