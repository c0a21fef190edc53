"""The commands use the provider's identity at Google, and print it."""

import json
import os
import time
from collections.abc import Generator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from emulators.kit.serving import serving
from operations.errors import OperationError
from operations.stack import LiveStack

_KEY = rsa.generate_private_key(65537, 2048).private_bytes(
    Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()
)
_ACCOUNT, _OTHER = "deployer@proj-1.iam.gserviceaccount.com", "runner@proj-1.iam.gserviceaccount.com"


@dataclass
class Google:
    """Google's token endpoints, and a project behind them that shows the headers of each call."""

    origin: str = ""
    calls: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    refused: bool = False

    async def token(self, request: Request) -> Response:
        """Grant a token that is named for the grant."""
        form = dict(parse_qsl((await request.body()).decode()))
        grant = form["grant_type"].rpartition(":")[2]
        if self.refused:
            return JSONResponse({"error": "invalid_grant", "error_description": "Invalid JWT Signature."}, 400)
        return JSONResponse({"access_token": f"by-{grant}", "expires_in": 3600, "token_type": "Bearer"})

    async def impersonate(self, request: Request) -> Response:
        """Grant a token for another account to whoever has one."""
        until = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 3600))
        source = request.headers["authorization"].removeprefix("Bearer ")
        target = request.path_params["target"].partition("@")[0]
        return JSONResponse({"accessToken": f"{target}-{source}", "expireTime": until})

    async def no_project(self, _request: Request) -> Response:
        """Show no project, as Google does to a workload that may read none."""
        return JSONResponse({}, 403)

    async def billing(self, request: Request) -> Response:
        """Answer, and keep the token and the quota project."""
        token = request.headers["authorization"].removeprefix("Bearer ")
        self.calls.append((token, request.headers.get("x-goog-user-project", "")))
        return JSONResponse({"billingEnabled": True})


@pytest.fixture(name="google")
def served_google(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Generator[Google]:
    """Yield Google's endpoints, in an environment without credentials."""
    for name in [name for name in os.environ if name.startswith(("GOOGLE_", "GCLOUD_", "CLOUDSDK_", "USER_PROJECT"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("CLOUDSDK_CONFIG", str(tmp_path / "no-gcloud"))
    monkeypatch.setenv("NO_GCE_CHECK", "true")
    google = Google()
    app = Starlette(
        routes=[
            Route("/token", google.token, methods=["POST"]),
            Route("/sts", google.token, methods=["POST"]),
            Route("/v1/projects/-/serviceAccounts/{target}:generateAccessToken", google.impersonate, methods=["POST"]),
            Route("/v1/projects/1", google.no_project),
            Route("/v1/projects/proj-1/billingInfo", google.billing),
        ]
    )
    with serving(app) as origin:
        google.origin = origin
        # These addresses of google-auth cannot be set otherwise.
        monkeypatch.setattr("google.oauth2.credentials._GOOGLE_OAUTH2_TOKEN_ENDPOINT", f"{origin}/token")
        monkeypatch.setattr("google.auth.external_account._CLOUD_RESOURCE_MANAGER", f"{origin}/v1/projects/")
        yield google


def stack_with(google: Google, **settings: str) -> LiveStack:
    """Return a stack with these settings of the Google provider."""
    known = {
        "project": "proj-1",
        "cloudBillingCustomEndpoint": f"{google.origin}/v1/",
        "iamCredentialsCustomEndpoint": f"{google.origin}/v1/",
        **settings,
    }
    config: dict[str, dict[str, Any]] = {f"gcp:{key}": {"value": value} for key, value in known.items()}
    return LiveStack(name="dev", project_name="tiktok-login", outputs={}, config=config)


def call(stack: LiveStack) -> str:
    """Make a call, and return whom Google saw."""
    stack.google.call("billing", "/billingInfo")
    return stack.google.identity


def service_account_key(google: Google) -> str:
    info = {"type": "service_account", "client_email": _ACCOUNT, "private_key": _KEY.decode(), "project_id": "other"}
    return json.dumps({**info, "token_uri": f"{google.origin}/token", "private_key_id": "1"})


def person(google: Google, **more: str) -> str:
    info = {"type": "authorized_user", "client_id": "gcloud", "client_secret": "public", "refresh_token": "1//refresh"}
    return json.dumps({**info, "token_uri": f"{google.origin}/token", **more})


def workload(google: Google, folder: Path) -> str:
    """Return the configuration that GitHub's workflows get: a token of theirs is exchanged for one of Google's."""
    (folder / "token").write_text("a-token-of-github")
    info = {
        "type": "external_account",
        "audience": "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/github/providers/github",
        "subject_token_type": "urn:ietf:params:oauth:token-type:jwt",
        "token_url": f"{google.origin}/sts",
        "credential_source": {"file": str(folder / "token")},
    }
    return json.dumps(info)


def test_a_key_in_the_stacks_file_is_a_service_accounts(google: Google) -> None:
    assert call(stack_with(google, credentials=service_account_key(google))) == _ACCOUNT
    assert google.calls == [("by-jwt-bearer", "")]


def test_a_key_may_be_a_files_name(google: Google, tmp_path: Path) -> None:
    (tmp_path / "key.json").write_text(service_account_key(google))
    assert call(stack_with(google, credentials=str(tmp_path / "key.json"))) == _ACCOUNT


@pytest.mark.parametrize("variable", ["GOOGLE_CREDENTIALS", "GOOGLE_CLOUD_KEYFILE_JSON", "GCLOUD_KEYFILE_JSON"])
def test_a_key_may_be_in_the_environment_and_is_not_shown(
    google: Google, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    key = service_account_key(google)
    monkeypatch.setenv(variable, key)
    stack = stack_with(google)
    assert call(stack) == _ACCOUNT
    assert stack.redact(key) == "[secret]"


def test_the_stacks_file_comes_before_the_environment(google: Google, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOOGLE_OAUTH_ACCESS_TOKEN", "a-token-of-the-environment")
    call(stack_with(google, credentials=service_account_key(google)))
    call(stack_with(google, accessToken="a-token-of-the-file"))
    call(stack_with(google))
    assert [token for token, _ in google.calls] == [
        "by-jwt-bearer",
        "a-token-of-the-file",
        "a-token-of-the-environment",
    ]


def test_a_token_comes_before_a_key_and_does_not_tell_its_owner(google: Google) -> None:
    stack = stack_with(google, accessToken="a-token", credentials=service_account_key(google))
    assert call(stack) == "the owner of an access token"
    assert google.calls == [("a-token", "")]


@pytest.mark.parametrize("setting", [True, False])
def test_impersonation_comes_on_top_of_other_credentials(
    google: Google, monkeypatch: pytest.MonkeyPatch, *, setting: bool
) -> None:
    settings = {"impersonateServiceAccount": _OTHER} if setting else {}
    if not setting:
        monkeypatch.setenv("GOOGLE_IMPERSONATE_SERVICE_ACCOUNT", _OTHER)
    key = call(stack_with(google, credentials=service_account_key(google), **settings))
    token = call(stack_with(google, accessToken="a-token", **settings))

    assert key == f"{_OTHER}, impersonated by {_ACCOUNT}"
    assert token == f"{_OTHER}, impersonated by the owner of an access token"
    assert google.calls == [("runner-by-jwt-bearer", ""), ("runner-a-token", "")]


def test_a_persons_calls_count_against_the_project(
    google: Google, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    login = tmp_path / "application_default_credentials.json"
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(login))
    login.write_text(person(google))
    assert call(stack_with(google)) == "a person, by the login of gcloud"
    login.write_text(person(google, account="ada@example.com", quota_project_id="another"))
    assert call(stack_with(google)) == "ada@example.com"
    monkeypatch.setenv("GOOGLE_CLOUD_QUOTA_PROJECT", "a-third")
    call(stack_with(google))

    assert [project for _, project in google.calls] == ["proj-1", "another", "a-third"]


def test_the_providers_own_quota_project_wins(google: Google) -> None:
    key = service_account_key(google)
    call(stack_with(google, credentials=key, userProjectOverride="true"))
    call(stack_with(google, credentials=key, userProjectOverride="true", billingProject="paying"))
    assert [project for _, project in google.calls] == ["proj-1", "paying"]


def test_a_workload_needs_no_key(google: Google, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "workload.json").write_text(workload(google, tmp_path))
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "workload.json"))

    assert call(stack_with(google)).startswith("a workload of //iam.googleapis.com/projects/1/")
    assert google.calls == [("by-token-exchange", "")]


def test_no_credentials_at_all_are_told_of(google: Google) -> None:
    with pytest.raises(
        OperationError, match=r"^There are no credentials for Google: Your default credentials were not"
    ):
        call(stack_with(google))


def test_a_key_that_is_none_is_told_of_without_showing_it(google: Google) -> None:
    with pytest.raises(OperationError) as refused:
        call(stack_with(google, credentials="not-a-key"))
    assert str(refused.value) == ("There are no credentials for Google: gcp:credentials is neither a file nor JSON.")


def test_a_revoked_key_is_told_of_with_googles_words(google: Google) -> None:
    google.refused = True
    with pytest.raises(OperationError, match=rf"^Google grants no token to {_ACCOUNT}: .*Invalid JWT Signature"):
        call(stack_with(google, credentials=service_account_key(google)))
