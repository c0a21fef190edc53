"""Responses that end a sign-in: the browser returns to the application with codes, tokens or an error.

https://auth0.com/docs/authenticate/protocols/oauth#authorization-endpoint
"""

from typing import Any
from urllib.parse import urlencode, urlsplit, urlunsplit

from starlette.responses import RedirectResponse, Response

from emulators.auth0.errors import SignInError
from emulators.auth0.login.pages import bare_page
from emulators.auth0.login.state import AuthorizationRequest, Grant, Session, SignIn, issue
from emulators.auth0.login.tokens import id_token, issue_access_token, requested_audience
from emulators.auth0.state import Record, Tenant

_IMPLICIT_SECONDS = 7_200


def success_response(tenant: Tenant, sign_in: SignIn) -> Response:
    """Redirect to the application with what its response_type asks for."""
    authorization, session = sign_in.request, sign_in.session
    if session is None:
        raise ValueError("A sign-in that succeeds has a session.")
    grant, result = _grant(tenant, authorization, session), Record()
    if "code" in authorization.response_type:
        result["code"] = issue(tenant.login.codes, grant)
    if "token" in authorization.response_type:
        seconds = None if "code" in authorization.response_type else _IMPLICIT_SECONDS
        result |= issue_access_token(tenant, authorization.origin, grant, seconds)
    if "id_token" in authorization.response_type:
        result["id_token"] = id_token(tenant, authorization.origin, grant, result)
    _finish(tenant, sign_in, "s", "Successful login")
    return _response(tenant, authorization, result)


def error_response(tenant: Tenant, sign_in: SignIn, error: SignInError) -> Response:
    """Redirect to the application with an error (RFC 6749, section 4.1.2.1).

    The tenant's log has the details, which the application does not get.
    """
    details = {"error": {"message": str(error), **({"cause": error.details} if error.details else {})}}
    silent = sign_in.request.parameters.get("prompt") == "none"
    _finish(tenant, sign_in, "fsa" if silent else "f", str(error), details=details)
    return _response(tenant, sign_in.request, {"error": error.error, "error_description": str(error)})


def _grant(tenant: Tenant, authorization: AuthorizationRequest, session: Session) -> Grant:
    return Grant(
        client_id=authorization.client_id,
        user_id=session.user_id,
        scope=authorization.parameters.get("scope", ""),
        expires=tenant.now() + tenant.assumptions.code_seconds,
        audience=requested_audience(tenant, authorization.parameters),
        sid=session.sid,
        auth_time=session.auth_time if authorization.needs_auth_time else 0.0,
        redirect_uri=authorization.redirect_uri,
        nonce=authorization.parameters.get("nonce", ""),
        challenge=authorization.parameters.get("code_challenge", ""),
    )


def _finish(tenant: Tenant, sign_in: SignIn, code: str, description: str, **more: Any) -> None:  # noqa: ANN401  # any field of an event
    client_id = sign_in.request.client_id
    tenant.login.sign_ins.append(sign_in)
    tenant.write_log(
        code,
        description,
        client_id=client_id,
        client_name=tenant.clients.get(client_id, {}).get("name"),
        connection=sign_in.connection or None,
        user_id=sign_in.user_id or None,
        **more,
    )


def _response(tenant: Tenant, authorization: AuthorizationRequest, result: Record) -> Response:
    state = {"state": authorization.parameters["state"]} if "state" in authorization.parameters else {}
    fields = {name: str(value) for name, value in {**result, **state}.items()}
    if authorization.response_mode == "form_post":
        return bare_page("form_post.html", {"action": authorization.redirect_uri, "fields": fields})
    if authorization.response_mode == "web_message":
        return _web_message(tenant, authorization, fields)
    parts = urlsplit(authorization.redirect_uri)
    if authorization.response_mode == "fragment":
        return RedirectResponse(urlunsplit(parts._replace(fragment=urlencode(fields))), 302)
    separator = "&" if parts.query else "?"
    return RedirectResponse(f"{authorization.redirect_uri}{separator}{urlencode(fields)}", 302)


def _web_message(tenant: Tenant, authorization: AuthorizationRequest, fields: dict[str, str]) -> Response:
    """Post the result to the window that asked, if its origin is one of the client's web_origins.

    https://auth0.com/docs/authenticate/login/configure-silent-authentication
    """
    parts = urlsplit(authorization.redirect_uri)
    target = f"{parts.scheme}://{parts.netloc}"
    allowed: list[str] = tenant.clients[authorization.client_id].get("web_origins") or []
    listed = target in [each.rstrip("/") for each in allowed]
    message = {"type": "authorization_response", "response": fields} if listed else None
    return bare_page("web_message.html", {"message": message, "target": target})
