# google-auth has few annotations.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
"""The credentials that the Google provider would use, by google-auth."""

import json
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import google.auth
import httpx2
from google.auth import exceptions, external_account, external_account_authorized_user, impersonated_credentials
from google.auth.transport import Request
from google.oauth2 import credentials as oauth2

from operations.errors import OperationError
from operations.http_client import http_client

_SCOPES = ["https://www.googleapis.com/auth/cloud-platform"]
_SECONDS = 20
KEY_VARIABLES = ("GOOGLE_CREDENTIALS", "GOOGLE_CLOUD_KEYFILE_JSON", "GCLOUD_KEYFILE_JSON")
TOKEN_VARIABLE = "GOOGLE_OAUTH_ACCESS_TOKEN"  # noqa: S105  # a name


class Setting(Protocol):
    """Returns a setting of the stack, or else the first of the environment's ``variables`` that is set, or ""."""

    def __call__(self, key: str, *variables: str) -> str: ...


@dataclass(frozen=True, kw_only=True)
class GoogleCredentials:
    """Credentials, and a name for their owner."""

    credentials: Any
    identity: str

    def headers(self, method: str, url: str) -> dict[str, str]:
        """Return the headers of a call, or raise ``OperationError``. A token is granted once and kept."""
        headers: dict[str, str] = {}
        try:
            self.credentials.before_request(_Transport(), method, url, headers)
        except exceptions.GoogleAuthError as error:
            raise OperationError(f"Google grants no token to {self.identity}: {_first_line(error)}") from None
        return headers


def load_credentials(setting: Setting, project: str, impersonation_endpoint: str) -> GoogleCredentials:
    """Load what the provider would use, or raise ``OperationError``.

    The order is the provider's: a token or a key in the stack's file, then one in the environment, then Application
    Default Credentials. Impersonation comes on top of any of them.
    """
    token, key = setting("gcp:accessToken"), setting("gcp:credentials")
    if not (token or key):
        token, key = setting("", TOKEN_VARIABLE), setting("", *KEY_VARIABLES)
    try:
        if token:
            credentials = oauth2.Credentials(token=_read_content(token))
        else:
            credentials = _from_json(_read_content(key)) if key else _application_default()
    except (exceptions.GoogleAuthError, ValueError) as error:
        raise OperationError(f"There are no credentials for Google: {_first_line(error)}") from None
    loaded = GoogleCredentials(
        credentials=_with_quota_project(credentials, setting, project), identity=_describe(credentials)
    )
    target = setting("gcp:impersonateServiceAccount", "GOOGLE_IMPERSONATE_SERVICE_ACCOUNT")
    return _impersonate(loaded, target, setting, impersonation_endpoint) if target else loaded


def _first_line(error: Exception) -> str:
    return str(error.args[0] if error.args else error).partition("\n")[0]


def _read_content(value: str) -> str:
    """Return the content of the file that ``value`` names, or else ``value`` itself, as the provider does."""
    try:
        path = Path(value).expanduser()
        return path.read_text(encoding="utf-8").strip() if path.is_file() else value
    except OSError:  # a key is too long for a file's name
        return value


def _from_json(text: str) -> Any:  # noqa: ANN401  # google-auth has a class for each kind
    try:
        info = json.loads(text)
    except ValueError:
        raise exceptions.DefaultCredentialsError("gcp:credentials is neither a file nor JSON.") from None
    with warnings.catch_warnings():
        # google-auth warns of keys that come from strangers. This one is the stack's own.
        warnings.simplefilter("ignore", DeprecationWarning)
        return google.auth.load_credentials_from_dict(info, scopes=_SCOPES, request=_Transport())[0]


def _application_default() -> Any:  # noqa: ANN401  # the same
    with warnings.catch_warnings():
        # google-auth warns of a person's login without a quota project. _with_quota_project adds one.
        warnings.simplefilter("ignore", UserWarning)
        return google.auth.default(scopes=_SCOPES, request=_Transport())[0]


def _is_person(credentials: object) -> bool:
    """Whether these are a person's credentials. An access token alone does not show that."""
    if isinstance(credentials, oauth2.Credentials):
        return credentials.refresh_token is not None
    return isinstance(credentials, external_account_authorized_user.Credentials)


def _describe(credentials: Any) -> str:  # noqa: ANN401  # the same
    if _is_person(credentials):
        return getattr(credentials, "account", "") or "a person, by the login of gcloud"
    if isinstance(credentials, oauth2.Credentials):
        return "the owner of an access token"
    account = str(getattr(credentials, "service_account_email", "") or "")
    if isinstance(credentials, external_account.Credentials) and not account:
        return f"a workload of {credentials.info.get('audience')}"
    return "the machine's service account" if account in {"", "default"} else account


def _with_quota_project(credentials: Any, setting: Setting, project: str) -> Any:  # noqa: ANN401  # the same
    """Name the project that a person's calls count against. Service accounts bring their own.

    https://docs.cloud.google.com/docs/quotas/set-quota-project
    """
    wanted = setting("", "GOOGLE_CLOUD_QUOTA_PROJECT")
    if setting("gcp:userProjectOverride", "USER_PROJECT_OVERRIDE") in {"true", "1"}:
        wanted = setting("gcp:billingProject", "GOOGLE_BILLING_PROJECT") or project
    elif not wanted and not credentials.quota_project_id and _is_person(credentials):
        wanted = project
    return credentials.with_quota_project(wanted) if wanted else credentials


def _impersonate(source: GoogleCredentials, target: str, setting: Setting, endpoint: str) -> GoogleCredentials:
    credentials = impersonated_credentials.Credentials(
        source_credentials=source.credentials,
        target_principal=target,
        target_scopes=_SCOPES,
        delegates=json.loads(setting("gcp:impersonateServiceAccountDelegates") or "[]"),
        iam_endpoint_override=f"{endpoint}projects/-/serviceAccounts/{target}:generateAccessToken",
    )
    return GoogleCredentials(credentials=credentials, identity=f"{target}, impersonated by {source.identity}")


class _Answer:
    """What google-auth reads of an answer."""

    def __init__(self, answer: httpx2.Response) -> None:
        self.status, self.headers, self.data = answer.status_code, answer.headers, answer.content


class _Transport(Request):
    """Lets google-auth use the HTTP client of all commands, which trusts the same certificates as the provider."""

    def __call__(
        self,
        url: str,
        method: str = "GET",
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
        **_: object,
    ) -> Any:  # noqa: ANN401  # a Response in all but name
        try:
            with http_client() as client:
                return _Answer(client.request(method, url, content=body, headers=headers, timeout=timeout or _SECONDS))
        except httpx2.HTTPError as error:
            raise exceptions.TransportError(error) from error
