"""Who is asking: the client's key and secret, found in one place of the request and compared in constant time."""

import base64
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from starlette.datastructures import Headers

from proxy_app.errors import MalformedRequest, WrongCredentials
from proxy_app.token_request import decoded


@dataclass(frozen=True, kw_only=True)
class Credentials:
    """A client key with the secret that came with it; nothing is said about whether they are right."""

    key: str = field(repr=False)
    secret: str = field(repr=False)


def read_credentials(headers: Headers, form: Mapping[str, str]) -> Credentials:
    """Take them from HTTP Basic or from the form, never from both (RFC 6749 2.3).

    A ``client_id`` in the form beside Basic is no second method as long as it is the same one.
    """
    sent = headers.getlist("authorization")
    if not sent:
        return _from_form(form)
    credentials = _from_basic(sent)
    if "client_secret" in form or form.get("client_id", credentials.key) != credentials.key:
        raise MalformedRequest("The client authenticates by HTTP Basic and in the form as well.")
    return credentials


def authenticate(credentials: Credentials, key: str, secret_digests: Sequence[bytes]) -> None:
    """Raise ``WrongCredentials`` unless the key is ``key`` and the secret has one of the SHA-256 digests.

    Everything is compared every time, in constant time, so that neither the answer nor its delay tells what was wrong.
    """
    digest = hashlib.sha256(credentials.secret.encode()).digest()
    right_key = hmac.compare_digest(credentials.key.encode(), key.encode())
    right_secrets = [hmac.compare_digest(digest, expected) for expected in secret_digests]
    if not right_key & any(right_secrets):
        raise WrongCredentials


def _from_form(form: Mapping[str, str]) -> Credentials:
    if "client_id" not in form or "client_secret" not in form:
        raise MalformedRequest("The client_id or the client_secret is missing.")
    return Credentials(key=form["client_id"], secret=form["client_secret"])


def _from_basic(sent: Sequence[str]) -> Credentials:
    if len(sent) > 1:
        raise MalformedRequest("The Authorization header comes more than once.")
    scheme, _, token = sent[0].partition(" ")
    if scheme.lower() != "basic":
        raise WrongCredentials("The Authorization header is of another scheme than Basic.")
    try:
        text = base64.b64decode(token.strip(), validate=True).decode()
    except ValueError:
        raise MalformedRequest("The Authorization header is not HTTP Basic (RFC 7617).") from None
    key, colon, secret = text.partition(":")
    if not (colon and key and secret):
        raise MalformedRequest("HTTP Basic came without a client key or without a client secret.")
    # Both parts were form-encoded first (RFC 6749 2.3.1).
    return Credentials(key=decoded(key), secret=decoded(secret))
