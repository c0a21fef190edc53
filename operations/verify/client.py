"""The HTTP client of every probe: the system's certificates, no redirects, and a deadline."""

import ssl
from typing import Any, cast

import httpx2

_SECONDS = 20


def client() -> httpx2.Client:
    """Return a client that trusts what OpenSSL does (SSL_CERT_FILE included) and follows no redirect."""
    return httpx2.Client(verify=ssl.create_default_context(), timeout=_SECONDS)


def fields(answer: httpx2.Response) -> dict[str, Any]:
    """Return the object that an answer holds, or an empty one."""
    try:
        body = answer.json()
    except ValueError:
        return {}
    return cast("dict[str, Any]", body) if isinstance(body, dict) else {}
