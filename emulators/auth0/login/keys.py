"""The keys that sign tokens: https://auth0.com/docs/get-started/tenant-settings/signing-keys."""

import secrets
from base64 import b64encode, urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from joserfc.jwk import RSAKey

_KID_LENGTH = 21
_CERTIFICATE_DAYS = 5_000


class SigningKeys:
    """The current key, and the next one, which is published before it is used; each is made when it is first needed."""

    @cached_property
    def current(self) -> RSAKey:
        return _new_key()

    @cached_property
    def next(self) -> RSAKey:
        return _new_key()

    @cached_property
    def published(self) -> list[dict[str, Any]]:
        """The public halves, each with a certificate (RFC 7517, section 4)."""
        return [_public(key) for key in (self.current, self.next)]


def _new_key() -> RSAKey:
    kid = secrets.token_urlsafe(_KID_LENGTH)[:_KID_LENGTH]
    return RSAKey.generate_key(2048, parameters={"alg": "RS256", "use": "sig", "kid": kid})


def _public(key: RSAKey) -> dict[str, Any]:
    certificate = _self_signed(key)
    thumbprint = urlsafe_b64encode(certificate.fingerprint(hashes.SHA1())).rstrip(b"=").decode()  # noqa: S303  # RFC 7517's x5t
    chain = [b64encode(certificate.public_bytes(Encoding.DER)).decode()]
    return {**key.as_dict(private=False), "x5t": thumbprint, "x5c": chain}


def _self_signed(key: RSAKey) -> x509.Certificate:
    assert key.private_key  # noqa: S101  # it is made here
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "rehearsal.auth0.localhost")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(issuer_name=name, subject_name=name, public_key=key.public_key)
    valid = builder.not_valid_before(now).not_valid_after(now + timedelta(days=_CERTIFICATE_DAYS))
    return valid.serial_number(x509.random_serial_number()).sign(key.private_key, hashes.SHA256())
