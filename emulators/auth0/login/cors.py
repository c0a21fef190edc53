"""Which web pages may call the login's endpoints from a browser."""

from urllib.parse import urlsplit

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from emulators.auth0.state import Tenant

_PATHS = ("/oauth/", "/userinfo", "/.well-known/")
_FIELDS = ("callbacks", "allowed_origins", "web_origins")


class ApplicationCors(CORSMiddleware):
    """Allow the origins that the tenant's applications list: of callbacks, Allowed Origins and Allowed Web Origins.

    https://auth0.com/docs/get-started/applications/set-up-cors
    """

    def __init__(self, app: ASGIApp, tenant: Tenant) -> None:
        headers = ("authorization", "content-type", "auth0-client", "dpop")
        super().__init__(app, allow_methods=("GET", "POST"), allow_headers=headers, expose_headers=("dpop-nonce",))
        self._tenant = tenant

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        called_by_scripts = scope.get("path", "").startswith(_PATHS)
        await (super().__call__ if called_by_scripts else self.app)(scope, receive, send)

    def is_allowed_origin(self, origin: str) -> bool:
        listed = {
            f"{parts.scheme}://{parts.netloc}"
            for client in self._tenant.clients.values()
            for field in _FIELDS
            for parts in map(urlsplit, client.get(field) or ())
        }
        if origin in listed:
            return True
        self._tenant.write_log("fco", "Origin is not in the Allowed Origins list", details={"origin": origin})
        return False
