"""The HTTP client of all commands."""

import ssl
from functools import cache
from typing import Any, cast

import httpx2

_SECONDS = 20


def http_client() -> httpx2.Client:
    """Return a client that trusts what OpenSSL trusts (SSL_CERT_FILE included) and follows no redirect."""
    return httpx2.Client(verify=_trust(ssl.get_default_verify_paths()), timeout=_SECONDS)


@cache
def _trust(_paths: ssl.DefaultVerifyPaths) -> ssl.SSLContext:
    """Read the certificates once: it takes 20 ms, and a command opens dozens of clients."""
    return ssl.create_default_context()


def json_body(answer: httpx2.Response) -> Any:  # noqa: ANN401  # any JSON
    """Return the JSON in an answer: None if the answer is empty, {} if it is not JSON."""
    try:
        return answer.json() if answer.content else None
    except ValueError:
        return {}


def json_object(answer: httpx2.Response) -> dict[str, Any]:
    """Return the JSON object in an answer, or an empty one."""
    body = json_body(answer)
    return cast("dict[str, Any]", body) if isinstance(body, dict) else {}
