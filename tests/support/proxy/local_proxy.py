"""The proxy served in the process of the tests, and what to call it with."""

import hashlib
import io
import socket
import threading
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, ClassVar

import httpx2
from starlette.types import ASGIApp
from uvicorn.server import Server

from proxy_app.app import create_app
from proxy_app.http_protocol import BoundedHttpProtocol, Limits
from proxy_app.server import server_config
from proxy_app.settings import Settings
from tests.support.proxy.made_up import CLIENT_KEY, CLIENT_SECRET

Post = Callable[..., httpx2.Response]
Lines = Callable[[], list[dict[str, Any]]]
# What any proxy in this process logged, and libraries besides, as production writes it.
LOG = io.StringIO()
_STOP_SECONDS = 12


def digest(secret: str) -> bytes:
    """Return what the proxy knows of a secret."""
    return hashlib.sha256(secret.encode()).digest()


@contextmanager
def serve(app: ASGIApp, allowed: Limits | None = None) -> Generator[str]:
    """Serve ``app`` as the proxy is served in production, and yield its origin."""

    class Protocol(BoundedHttpProtocol):
        limits: ClassVar = allowed or Limits()

    with socket.create_server(("127.0.0.1", 0), backlog=2048) as listener:
        server = Server(server_config(app, Protocol))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(_STOP_SECONDS)
            assert not thread.is_alive()


def local_proxy(
    token_url: str,
    *,
    client_key: str = CLIENT_KEY,
    secret_digests: tuple[bytes, ...] = (digest(CLIENT_SECRET),),
    deadline_seconds: float = 8,
    limits: Limits | None = None,
) -> AbstractContextManager[str]:
    """Serve a proxy before ``token_url``, and yield its origin."""
    settings = Settings(
        client_key=client_key,
        secret_digests=secret_digests,
        token_url=token_url,
        deadline_seconds=deadline_seconds,
    )
    return serve(create_app(settings, LOG), limits)


def post_to(origin: str) -> Post:
    """Return what posts a form, or whatever else it is given, to the token endpoint there."""

    def post(form: dict[str, str] | None = None, **more: Any) -> httpx2.Response:  # noqa: ANN401  # httpx2's own
        return httpx2.post(f"{origin}/proxy/token", data=form, trust_env=False, **more)

    return post
