"""Every way in which a request can fail: the answer, the outcome in the log, and what a person can do.

docs/troubleshooting.md is made from this table. No text in it, and no fact that is added, carries a secret.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus

_CLOSE = {"connection": "close"}
# Every 401 names a challenge (RFC 9110 15.5.2), whichever way the client tried.
_CHALLENGE = {"www-authenticate": 'Basic realm="token proxy", charset="UTF-8"'}
_RETRY_SOON, _RETRY_LATER = {"retry-after": "1"}, {"retry-after": "5"}


@dataclass(frozen=True, kw_only=True)
class Failure:
    """One kind of failure; ``code`` and ``status`` are those of RFC 6749 5.2."""

    outcome: str
    status: HTTPStatus = HTTPStatus.BAD_REQUEST
    code: str = "invalid_request"
    cause: str
    remedy: str
    headers: Mapping[str, str] = field(default_factory=dict[str, str])


class ProxyError(Exception):
    """A request failed in one of the ways below."""

    def __init__(self, failure: Failure, fact: str = "", headers: Mapping[str, str] | None = None) -> None:
        """Say what happened this time (``fact``), and which headers the answer has besides the failure's own."""
        super().__init__(fact or failure.cause)
        self.failure = failure
        self.headers = {**failure.headers, **(headers or {})}

    @classmethod
    def caused_by(cls, cause: BaseException, failure: Failure) -> "ProxyError":
        """Return a failure whose cause the log names."""
        error = cls(failure)
        error.__cause__ = cause
        return error

    @property
    def description(self) -> str:
        """What happened, and what a person can do about it."""
        return f"{self} {self.failure.remedy}"


class ClientDisconnectedError(OSError):
    """The client went away before it was answered; an ASGI server raises this kind of error from ``send``."""


# The request, as HTTP.
MALFORMED_HTTP = Failure(
    outcome="UnsafeRequest",
    cause="The request is malformed as HTTP, or can be read in more than one way.",
    remedy="Send a plain request of version 1.1 with one Host and one length.",
    headers=_CLOSE,
)
TOO_SLOW = Failure(
    outcome="TooSlow",
    status=HTTPStatus.REQUEST_TIMEOUT,
    cause="The request did not arrive in time.",
    remedy="Send the head within 10 seconds, and the body within 5 more.",
    headers=_CLOSE,
)
HEAD_TOO_LARGE = Failure(
    outcome="HeadTooLarge",
    status=HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
    cause="The request has more than 64 headers, or its head has more than 16 KiB.",
    remedy="Send fewer headers.",
    headers=_CLOSE,
)
BODY_TOO_LARGE = Failure(
    outcome="BodyTooLarge",
    status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    cause="The body is larger than 8 KiB.",
    remedy="Send only the parameters of RFC 6749.",
    headers=_CLOSE,
)
OVERLOADED = Failure(
    outcome="Overloaded",
    status=HTTPStatus.SERVICE_UNAVAILABLE,
    code="temporarily_unavailable",
    cause="The proxy is busy with 1,000 other requests.",
    remedy="Try again; if it lasts, raise maxInstances or lower concurrency.",
    headers=_CLOSE | _RETRY_LATER,
)
STOPPING = Failure(
    outcome="Stopping",
    status=HTTPStatus.SERVICE_UNAVAILABLE,
    code="temporarily_unavailable",
    cause="This instance of the proxy stops.",
    remedy="Try again: another instance will answer.",
    headers=_CLOSE | _RETRY_SOON,
)
PATH_NOT_FOUND = Failure(
    outcome="NoSuchPath",
    status=HTTPStatus.NOT_FOUND,
    cause="Nothing is served at this path.",
    remedy="The token endpoint is /proxy/token, without a slash at its end.",
)
METHOD_NOT_ALLOWED = Failure(
    outcome="WrongMethod",
    status=HTTPStatus.METHOD_NOT_ALLOWED,
    cause="This path does not take this method.",
    remedy="The token endpoint takes POST; / and /health take GET.",
)

# The request, as a token request.
MALFORMED_REQUEST = Failure(
    outcome="MalformedRequest",
    cause="The request is not a token request as RFC 6749 defines it.",
    remedy="Send every parameter once, in a form body, with a value, and no query string.",
)
WRONG_CONTENT_TYPE = Failure(
    outcome="WrongContentType",
    status=HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    cause="The body is not application/x-www-form-urlencoded in UTF-8.",
    remedy="Send a form, not JSON, without any Content-Encoding.",
)
UNKNOWN_GRANT = Failure(
    outcome="UnknownGrant",
    code="unsupported_grant_type",
    cause="The grant_type is neither authorization_code nor refresh_token.",
    remedy="Use one of the two.",
)
WRONG_CREDENTIALS = Failure(
    outcome="WrongCredentials",
    status=HTTPStatus.UNAUTHORIZED,
    code="invalid_client",
    cause="The client key or the client secret is not the one that this proxy was set up with.",
    remedy="Compare both with the proxy's settings; TikTok was not asked.",
    headers=_CHALLENGE,
)

# TikTok's refusals.
TIKTOK_REFUSED = Failure(
    outcome="TikTokRefused",
    cause="TikTok refused the request.",
    remedy="Look up what TikTok says in its error list; the proxy's log has TikTok's log_id.",
)
TIKTOK_REFUSED_CREDENTIALS = Failure(
    outcome="TikTokRefusedCredentials",
    status=HTTPStatus.UNAUTHORIZED,
    code="invalid_client",
    cause="TikTok does not accept this client key with this client secret.",
    remedy="Copy both again from the same app in TikTok's portal; a sandbox has a pair of its own.",
    headers=_CHALLENGE,
)
TIKTOK_REFUSED_GRANT = Failure(
    outcome="TikTokRefusedGrant",
    code="invalid_grant",
    cause="TikTok does not accept this code or refresh token.",
    remedy="Sign in again: codes and refresh tokens work once and expire; a code must not be percent-encoded twice.",
)
TIKTOK_REFUSED_REDIRECT_URI = Failure(
    outcome="TikTokRefusedRedirectUri",
    cause="The redirect_uri is not the one that the code was requested with.",
    remedy="Send the same URI as in the authorization request, as registered in TikTok's portal, slash for slash.",
)
TIKTOK_REFUSED_VERIFIER = Failure(
    outcome="TikTokRefusedVerifier",
    cause="TikTok does not accept the code_verifier.",
    remedy="Turn PKCE off, and register the redirect URI under Web: under Desktop TikTok wants a challenge in hex.",
)
TIKTOK_REFUSED_CLIENT = Failure(
    outcome="TikTokRefusedClient",
    code="unauthorized_client",
    cause="The app at TikTok may not do this.",
    remedy="Add Login Kit to the app and have it approved, or use its sandbox.",
)
TIKTOK_REFUSED_SCOPE = Failure(
    outcome="TikTokRefusedScope",
    code="invalid_scope",
    cause="TikTok does not grant this scope to the app.",
    remedy="Add the scope in TikTok's portal, or ask for fewer.",
)
TIKTOK_REFUSED_GRANT_TYPE = Failure(
    outcome="TikTokRefusedGrantType",
    code="unsupported_grant_type",
    cause="TikTok does not offer this grant.",
    remedy="Use authorization_code or refresh_token.",
)
TIKTOK_DENIED = Failure(
    outcome="TikTokDenied",
    code="invalid_grant",  # access_denied belongs to the authorization endpoint (RFC 6749 4.1.2.1, 5.2)
    cause="TikTok denies access.",
    remedy="Sign in again and allow it; in a sandbox, add the account to its target users first.",
)
TIKTOK_FAILED = Failure(
    outcome="TikTokFailed",
    status=HTTPStatus.BAD_GATEWAY,
    code="server_error",
    cause="TikTok reports a failure of its own.",
    remedy="Sign in again in a moment.",
    headers=_RETRY_LATER,
)
TIKTOK_BUSY = Failure(
    outcome="TikTokBusy",
    status=HTTPStatus.SERVICE_UNAVAILABLE,
    code="temporarily_unavailable",
    cause="TikTok receives too many requests.",
    remedy="Sign in again in a moment.",
    headers=_RETRY_LATER,
)

# The way to TikTok, and the proxy itself.
UPSTREAM_TIMED_OUT = Failure(
    outcome="UpstreamTimedOut",
    status=HTTPStatus.GATEWAY_TIMEOUT,
    code="temporarily_unavailable",
    cause="TikTok did not answer in time.",
    remedy="Sign in again in a moment: the code may be used up.",
    headers=_RETRY_LATER,
)
UPSTREAM_UNREACHABLE = Failure(
    outcome="UpstreamUnreachable",
    status=HTTPStatus.SERVICE_UNAVAILABLE,
    code="temporarily_unavailable",
    cause="TikTok cannot be reached; nothing was sent to it.",
    remedy="Try again; if it lasts, check TIKTOK_TOKEN_URL, the way out to the internet, and SSL_CERT_FILE.",
    headers=_RETRY_SOON,
)
UPSTREAM_BROKEN = Failure(
    outcome="UpstreamBroken",
    status=HTTPStatus.BAD_GATEWAY,
    code="server_error",
    cause="What TikTok answered is not an answer of a token endpoint.",
    remedy="Sign in again in a moment; if it lasts, check TIKTOK_TOKEN_URL and TikTok's status page.",
    headers=_RETRY_LATER,
)
UNEXPECTED = Failure(
    outcome="Unexpected",
    status=HTTPStatus.INTERNAL_SERVER_ERROR,
    code="server_error",
    cause="The token proxy failed.",
    remedy="Report the line that it logged.",
)

FAILURES = [value for value in globals().values() if isinstance(value, Failure)]
