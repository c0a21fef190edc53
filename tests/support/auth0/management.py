"""A caller of the Management API, with the scopes that a test gives it."""

from typing import Any

import httpx2

from tests.unit.emulators.auth0.conftest import ConnectedTenant

DEPLOYER_SCOPES = (
    "create:connections read:connections update:connections delete:connections "
    "read:connections_options update:connections_options read:clients"
)
CONNECTION = "/connections/con_0000000000000001"
BODY = {"name": "another", "strategy": "oauth2", "options": {"client_id": "awkey", "scope": ["user.info.basic"]}}


class Caller:
    """Asks as an application that was granted ``scopes``."""

    def __init__(self, connected: ConnectedTenant, scopes: str = DEPLOYER_SCOPES) -> None:
        """Get a token."""
        connected.tenant.add_deployer("deployer", "deployer-secret", scopes.split())
        self._origin = connected.origin
        self.token = self.request_token(auth=("deployer", "deployer-secret")).json()["access_token"]

    def request_token(self, **more: Any) -> httpx2.Response:  # noqa: ANN401  # what httpx2 takes
        """Ask for a token, with ``more`` of what a request may have."""
        host = self._origin.removeprefix("http://")
        form = {"grant_type": "client_credentials", "audience": f"https://{host}/api/v2/", **more.pop("form", {})}
        return httpx2.post(f"{self._origin}/oauth/token", data=form, **more)

    def ask(self, method: str, path: str, json: object = None) -> httpx2.Response:
        """Make one call."""
        headers = {"authorization": f"Bearer {self.token}"}
        return httpx2.request(method, f"{self._origin}/api/v2{path}", json=json, headers=headers)

    def refusal(self, method: str, path: str, json: object = None) -> tuple[int, str, str]:
        """Make a call that is refused, and return status, error code and message."""
        body = self.ask(method, path, json).json()
        return body["statusCode"], body["errorCode"], body["message"]
