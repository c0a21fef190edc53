"""The proxy served in the process of the tests, and what to call it with."""

import hashlib
import io
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import httpx2

from emulators.kit.serving import serving
from proxy_app.app import create_app
from proxy_app.settings import Settings
from tests.support.proxy.made_up import CLIENT_KEY, CLIENT_SECRET

Post = Callable[..., httpx2.Response]
Lines = Callable[[], list[dict[str, Any]]]
# What any proxy in this process logged, and libraries besides, as production writes it.
LOG = io.StringIO()


def digest(secret: str) -> bytes:
    """Return what the proxy knows of a secret."""
    return hashlib.sha256(secret.encode()).digest()


def local_proxy(
    token_url: str,
    *,
    client_key: str = CLIENT_KEY,
    secret_digests: tuple[bytes, ...] = (digest(CLIENT_SECRET),),
    deadline_seconds: float = 8,
) -> AbstractContextManager[str]:
    """Serve a proxy before ``token_url``, and yield its origin."""
    settings = Settings(
        client_key=client_key,
        secret_digests=secret_digests,
        token_url=token_url,
        deadline_seconds=deadline_seconds,
    )
    return serving(create_app(settings, LOG))


def post_to(origin: str) -> Post:
    """Return what posts a form, or whatever else it is given, to the token endpoint there."""

    def post(form: dict[str, str] | None = None, **more: Any) -> httpx2.Response:  # noqa: ANN401  # httpx2's own
        return httpx2.post(f"{origin}/proxy/token", data=form, trust_env=False, **more)

    return post
