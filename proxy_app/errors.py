"""Every way in which a request can fail: the answer, the outcome in the log, and what a person can do.

docs/troubleshooting.md is made from this table. No text in it, and no fact that is added, carries a secret.
"""

from collections.abc import Mapping
from enum import Enum, unique
from http import HTTPStatus

# The codes of RFC 6749 5.2 that follow from the status.
_CODES = {
    401: "invalid_client",
    500: "server_error",
    502: "server_error",
    503: "temporarily_unavailable",
    504: "temporarily_unavailable",
}
_CHALLENGE = 'Basic realm="token proxy", charset="UTF-8"'


@unique
class Failure(Enum):
    """One kind of failure: status, cause, remedy, and the code unless it follows from the status.

    The name is the outcome in the log.
    """

    # The request, as HTTP.
    UnsafeRequest = (
        400,
        "The request is malformed as HTTP, or can be read in more than one way.",
        "Send a plain request of version 1.1 with one Host and one length.",
    )
    TooSlow = (
        408,
        "The request did not arrive in time.",
        "Send the head within 10 seconds, and the body within 5 more.",
    )
    HeadTooLarge = (
        431,
        "The request has more than 64 headers, or its head has more than 16 KiB.",
        "Send fewer headers.",
    )
    BodyTooLarge = (413, "The body is larger than 8 KiB.", "Send only the parameters of RFC 6749.")
    Overloaded = (
        503,
        "The proxy is busy with 1,000 other requests.",
        "Try again; if it lasts, raise maxInstances or lower concurrency.",
    )
    Stopping = (503, "This instance of the proxy stops.", "Try again: another instance will answer.")
    NoSuchPath = (
        404,
        "Nothing is served at this path.",
        "The token endpoint is /proxy/token, without a slash at its end.",
    )
    WrongMethod = (
        405,
        "This path does not take this method.",
        "The token endpoint takes POST; / and /health take GET.",
    )

    # The request, as a token request.
    MalformedRequest = (
        400,
        "The request is not a token request as RFC 6749 defines it.",
        "Send every parameter once, in a form body, with a value, and no query string.",
    )
    WrongContentType = (
        415,
        "The body is not application/x-www-form-urlencoded in UTF-8.",
        "Send a form, not JSON, without any Content-Encoding.",
    )
    UnknownGrant = (
        400,
        "The grant_type is neither authorization_code nor refresh_token.",
        "Use one of the two.",
        "unsupported_grant_type",
    )
    WrongCredentials = (
        401,
        "The client key or the client secret is not the one that this proxy was set up with.",
        "Compare both with the proxy's settings; TikTok was not asked.",
    )

    # TikTok's refusals.
    TikTokRefused = (
        400,
        "TikTok refused the request.",
        "Look up what TikTok says in its error list; the proxy's log has TikTok's log_id.",
    )
    TikTokRefusedCredentials = (
        401,
        "TikTok does not accept this client key with this client secret.",
        "Copy both again from the same app in TikTok's portal; a sandbox has a pair of its own.",
    )
    TikTokRefusedGrant = (
        400,
        "TikTok does not accept this code or refresh token.",
        "Sign in again: codes and refresh tokens work once and expire; a code must not be percent-encoded twice.",
        "invalid_grant",
    )
    TikTokRefusedRedirectUri = (
        400,
        "The redirect_uri is not the one that the code was requested with.",
        "Send the same URI as in the authorization request, as registered in TikTok's portal, slash for slash.",
    )
    TikTokRefusedVerifier = (
        400,
        "TikTok does not accept the code_verifier.",
        "Turn PKCE off, and register the redirect URI under Web: under Desktop TikTok wants a challenge in hex.",
    )
    TikTokRefusedClient = (
        400,
        "The app at TikTok may not do this.",
        "Add Login Kit to the app and have it approved, or use its sandbox.",
        "unauthorized_client",
    )
    TikTokRefusedScope = (
        400,
        "TikTok does not grant this scope to the app.",
        "Add the scope in TikTok's portal, or ask for fewer.",
        "invalid_scope",
    )
    TikTokRefusedGrantType = (
        400,
        "TikTok does not offer this grant.",
        "Use authorization_code or refresh_token.",
        "unsupported_grant_type",
    )
    TikTokDenied = (
        400,
        "TikTok denies access.",
        "Sign in again and allow it; in a sandbox, add the account to its target users first.",
        "invalid_grant",  # access_denied belongs to the authorization endpoint (RFC 6749 4.1.2.1, 5.2)
    )
    TikTokFailed = (502, "TikTok reports a failure of its own.", "Sign in again in a moment.")
    TikTokBusy = (503, "TikTok receives too many requests.", "Sign in again in a moment.")

    # The way to TikTok, and the proxy itself.
    UpstreamTimedOut = (504, "TikTok did not answer in time.", "Sign in again in a moment: the code may be used up.")
    UpstreamUnreachable = (
        503,
        "TikTok cannot be reached; nothing was sent to it.",
        "Try again; if it lasts, check TIKTOK_TOKEN_URL, the way out to the internet, and SSL_CERT_FILE.",
    )
    UpstreamBroken = (
        502,
        "What TikTok answered is not an answer of a token endpoint.",
        "Sign in again in a moment; if it lasts, check TIKTOK_TOKEN_URL and TikTok's status page.",
    )
    Unexpected = (500, "The token proxy failed.", "Report the line that it logged.")

    def __init__(self, status: int, cause: str, remedy: str, code: str = "") -> None:
        self.status = status
        self.cause = cause
        self.remedy = remedy
        self.code = code or _CODES.get(status, "invalid_request")

    @property
    def headers(self) -> dict[str, str]:
        if self.status == HTTPStatus.UNAUTHORIZED:  # each names a challenge (RFC 9110 15.5.2)
            return {"www-authenticate": _CHALLENGE}
        if self.status > HTTPStatus.INTERNAL_SERVER_ERROR:
            return {"retry-after": "1" if self in {Failure.Stopping, Failure.UpstreamUnreachable} else "5"}
        return {}


class ProxyError(Exception):
    """A request failed; the message says how it failed this time, and ``headers`` complete the answer."""

    def __init__(self, failure: Failure, fact: str = "", headers: Mapping[str, str] | None = None) -> None:
        super().__init__(fact or failure.cause)
        self.failure = failure
        self.headers = {**failure.headers, **(headers or {})}

    @property
    def description(self) -> str:
        """What happened, and what a person can do about it."""
        return f"{self} {self.failure.remedy}"


class ClientDisconnectedError(OSError):
    """The client went away before it was answered; an ASGI server raises this kind of error from ``send``."""
