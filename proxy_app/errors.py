"""Every way in which a request can fail: what the client is told, with which status, and what a person can do."""

from collections.abc import Iterator
from http import HTTPStatus
from typing import ClassVar

RETRY_SECONDS = 5


class ProxyError(Exception):
    """A failure that knows its own answer (RFC 6749 5.2); neither ``cause`` nor ``fact`` ever carries a secret."""

    code: ClassVar[str] = "invalid_request"
    status: ClassVar[HTTPStatus] = HTTPStatus.BAD_REQUEST
    cause: ClassVar[str]
    remedy: ClassVar[str]
    headers: ClassVar[dict[str, str]] = {}

    def __init__(self, fact: str = "") -> None:
        """Say what happened this time, or ``cause`` where nothing more is known."""
        super().__init__(fact or self.cause)

    @property
    def description(self) -> str:
        """What happened and what a person can do about it."""
        return f"{self} {self.remedy}"


class MalformedRequest(ProxyError):
    """The request is no token request of RFC 6749."""

    cause = "The request is not a token request as RFC 6749 has it."
    remedy = "Send every parameter once, in a form body, with a value, and nothing in the address."


class UnsafeRequest(ProxyError):
    """The request can be read in more than one way, or came too slowly; its connection ends with the answer."""

    cause = "The request is malformed as HTTP, or its body took longer than 5 seconds."
    remedy = "Send plain HTTP/1.1: one Host, no Upgrade, one length, at most 64 headers and 16 KiB of them."
    headers: ClassVar = {"connection": "close"}


class BodyTooLarge(ProxyError):
    """The body is over 8 KiB."""

    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    cause = "The body is larger than 8 KiB."
    remedy = "Send the parameters of RFC 6749 only."
    headers: ClassVar = {"connection": "close"}


class WrongContentType(ProxyError):
    """The body is not a form in UTF-8."""

    status = HTTPStatus.UNSUPPORTED_MEDIA_TYPE
    cause = "The body is not application/x-www-form-urlencoded in UTF-8."
    remedy = "Send a form, not JSON, without any Content-Encoding."


class UnknownGrant(ProxyError):
    """The grant is neither of the two that sign people in with TikTok."""

    code = "unsupported_grant_type"
    cause = "The grant_type is neither authorization_code nor refresh_token."
    remedy = "Use one of the two."


class NoSuchPath(ProxyError):
    """Nothing is served at this path."""

    status = HTTPStatus.NOT_FOUND
    cause = "Nothing is served at this path."
    remedy = "The token endpoint is /proxy/token, without a slash at its end."


class WrongMethod(ProxyError):
    """The path exists, but not for this method."""

    status = HTTPStatus.METHOD_NOT_ALLOWED
    cause = "This path does not take this method."
    remedy = "The token endpoint takes POST; / and /health take GET."


class WrongCredentials(ProxyError):
    """Key and secret are not those of the settings; which of the two is not said."""

    code = "invalid_client"
    status = HTTPStatus.UNAUTHORIZED
    cause = "The client key or the client secret is not the one that this proxy was set up with."
    remedy = "Compare both with the proxy's settings; TikTok was not asked."
    # Every 401 names a challenge (RFC 9110 15.5.2), also where Basic was not tried.
    headers: ClassVar = {"www-authenticate": 'Basic realm="token proxy", charset="UTF-8"'}


class TikTokRefused(ProxyError):
    """TikTok understood the request and said no, for a reason that has no class of its own."""

    cause = "TikTok refused the request."
    remedy = "Look up what TikTok says in its error list; the proxy's log has TikTok's log_id."


class TikTokRefusedCredentials(TikTokRefused):
    """TikTok does not know this key with this secret."""

    code = "invalid_client"
    status = HTTPStatus.UNAUTHORIZED
    cause = "TikTok does not accept this client key with this client secret."
    remedy = "Copy both again from the same app in TikTok's portal; a sandbox has a pair of its own."
    headers: ClassVar = WrongCredentials.headers


class TikTokRefusedGrant(TikTokRefused):
    """The code or the refresh token is used up, expired, or was issued to another client."""

    code = "invalid_grant"
    cause = "TikTok does not accept this code or refresh token."
    remedy = "Sign in again: codes and refresh tokens work once and expire; a code must not be percent-encoded twice."


class TikTokRefusedRedirectUri(TikTokRefused):
    """The redirect URI is not the one of the authorization request."""

    cause = "The redirect_uri is not the one that the code was requested with."
    remedy = "Send the very URI of the authorization request, as registered in TikTok's portal, slash for slash."


class TikTokRefusedVerifier(TikTokRefused):
    """TikTok expects another PKCE pair than the standard's."""

    cause = "TikTok does not accept the code_verifier."
    remedy = "Turn PKCE off, and register the redirect URI under Web: under Desktop TikTok wants a challenge in hex."


class TikTokRefusedClient(TikTokRefused):
    """The app at TikTok may not do this."""

    code = "unauthorized_client"
    cause = "The app at TikTok may not do this."
    remedy = "Add Login Kit to the app and have it approved, or use its sandbox."


class TikTokRefusedScope(TikTokRefused):
    """The app has no leave for a scope."""

    code = "invalid_scope"
    cause = "TikTok does not grant this scope to the app."
    remedy = "Add the scope in TikTok's portal, or ask for fewer."


class TikTokRefusedGrantType(TikTokRefused):
    """TikTok does not offer this grant."""

    code = "unsupported_grant_type"
    cause = "TikTok does not offer this grant."
    remedy = "Use authorization_code or refresh_token."


class TikTokDenied(TikTokRefused):
    """The person, or TikTok on their behalf, withdrew what the code stood for."""

    code = "invalid_grant"  # access_denied belongs to the authorization endpoint (RFC 6749 4.1.2.1, 5.2)
    cause = "TikTok denies access."
    remedy = "Sign in again and allow it; in a sandbox, add the account to its target users first."


class TikTokFailed(TikTokRefused):
    """TikTok reports a failure of its own."""

    code = "server_error"
    status = HTTPStatus.BAD_GATEWAY
    cause = "TikTok reports a failure of its own."
    remedy = "Sign in again in a moment."
    headers: ClassVar = {"retry-after": str(RETRY_SECONDS)}


class TikTokBusy(TikTokFailed):
    """TikTok asks to come back later."""

    code = "temporarily_unavailable"
    status = HTTPStatus.SERVICE_UNAVAILABLE
    cause = "TikTok asks to come back later."


class UpstreamTimedOut(ProxyError):
    """TikTok's answer was not there in time; whether the code was used is unknown."""

    code = "temporarily_unavailable"
    status = HTTPStatus.GATEWAY_TIMEOUT
    cause = "TikTok did not answer in time."
    remedy = "Sign in again in a moment: the code may be used up."
    headers: ClassVar = {"retry-after": str(RETRY_SECONDS)}


class UpstreamUnreachable(ProxyError):
    """No connection to TikTok could be made; nothing was sent."""

    code = "temporarily_unavailable"
    status = HTTPStatus.SERVICE_UNAVAILABLE
    cause = "TikTok cannot be reached; nothing was sent to it."
    remedy = "Try again; if it lasts, check TIKTOK_TOKEN_URL, the way out to the internet, and SSL_CERT_FILE."
    headers: ClassVar = {"retry-after": "1"}


class UpstreamBroken(ProxyError):
    """What came back is no answer of a token endpoint; whether the code was used is unknown."""

    code = "server_error"
    status = HTTPStatus.BAD_GATEWAY
    cause = "What TikTok answered is not an answer of a token endpoint."
    remedy = "Sign in again in a moment; if it lasts, check TIKTOK_TOKEN_URL and TikTok's status page."
    headers: ClassVar = {"retry-after": str(RETRY_SECONDS)}


class Unexpected(ProxyError):
    """A defect of this proxy."""

    code = "server_error"
    status = HTTPStatus.INTERNAL_SERVER_ERROR
    cause = "The token proxy failed."
    remedy = "Report the line that it logged."


def every_error(family: type[ProxyError] = ProxyError) -> Iterator[type[ProxyError]]:
    """Yield each class that can be answered with, parents before children."""
    for error in family.__subclasses__():
        yield error
        yield from every_error(error)
