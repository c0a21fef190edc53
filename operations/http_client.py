"""The HTTP client of all commands."""

import ssl
from typing import Any, cast

import httpx2

_SECONDS = 20


def http_client() -> httpx2.Client:
    """Return a client that trusts what OpenSSL trusts (SSL_CERT_FILE included) and follows no redirect."""
    return httpx2.Client(verify=ssl.create_default_context(), timeout=_SECONDS)


def json_object(answer: httpx2.Response) -> dict[str, Any]:
    """Return the JSON object in an answer, or an empty one."""
    try:
        body = answer.json()
    except ValueError:
        return {}
    return cast("dict[str, Any]", body) if isinstance(body, dict) else {}
