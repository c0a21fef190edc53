"""Each setting that is wrong or missing stops a preview with its own sentence, and none shows a secret."""

import sys

import pulumi
import pytest

from infra.cloud_run_settings import THIS_PYTHON
from infra.config_reader import SettingsError
from tests.support.infra.stacks import TEAM, deployed

_ORIGIN = "an origin, https://host without a path (http only on this machine)"
_SECRET = "a value without blanks, stored by `pulumi config set --secret`"
_LONG = "a" * 129


def _refusal(**settings: object) -> str:
    with pytest.raises(SettingsError) as refused:
        deployed(**settings)
    return str(refused.value)


@pytest.mark.parametrize(
    ("key", "value", "takes"),
    [
        ("clientKey", "aw 123", "the client key of the app in TikTok's portal"),
        ("applications", ["app 1"], "a list of Auth0 client ids"),
        ("applications", "app1", "a list of Auth0 client ids"),
        ("connectionName", "tik_tok", "at most 128 letters, digits and hyphens, with no hyphen at either end"),
        ("connectionName", "tiktok-", "at most 128 letters, digits and hyphens, with no hyphen at either end"),
        ("connectionName", _LONG, "at most 128 letters, digits and hyphens, with no hyphen at either end"),
        ("iconUrl", "http://example.com/tiktok.svg", "an https address"),
        ("scopes", ["user.info.basic,user.info.profile"], "a list of TikTok's scopes"),
        ("userId", "username", "union_id or open_id"),
        ("loginOrigin", "login.example.com", _ORIGIN),
        ("loginOrigin", "https://login.example.com/", _ORIGIN),
        ("tokenProxyUrl", "http://proxy.example.com", _ORIGIN),
        ("image", "an image", "a container image"),
        ("runtime", "python310", "python311 or python312 or python313 or python314"),
        ("minInstances", "-1", "a whole number from 0 to 1000"),
        ("maxInstances", "0", "a whole number from 1 to 1000"),
        ("concurrency", "many", "a whole number from 1 to 1000"),
        ("cpu", "1000m", "1, 2, 4, 6 or 8, or 0.08 to 0.99"),
        ("memory", "512", "an amount, as 512Mi or 1Gi"),
        ("publicAccess", "private", "invoker-iam-disabled or all-users"),
        ("protect", "yes", "true or false"),
        ("tiktokStandIn", "maybe", "true or false"),
        ("tiktokOrigin", "http://www.tiktok.com", _ORIGIN),
        ("tiktokApiOrigin", "https://open.tiktokapis.com/v2", _ORIGIN),
    ],
)
def test_a_wrong_setting_is_named_with_what_it_got_and_what_it_takes(key: str, value: object, takes: str) -> None:
    got = value if isinstance(value, str) else str(value).replace("'", '"')
    assert _refusal(**{key: value}) == f"tiktok-login:{key} is {got!r}: it takes {takes}."


@pytest.mark.parametrize(
    ("key", "takes"),
    [
        ("clientKey", "the client key of the app in TikTok's portal"),
        ("clientSecret", _SECRET),
        ("displayName", "what the button says"),
        ("tiktokOrigin", _ORIGIN),
        ("maxInstances", "a whole number from 1 to 1000"),
    ],
)
def test_a_missing_setting_is_named_with_what_it_takes(key: str, takes: str) -> None:
    assert _refusal(**{key: ""}) == f"tiktok-login:{key} is missing: it takes {takes}."
    # So it is where a program does not see the project file, which has the defaults.
    assert _refusal(**{key: None}) == f"tiktok-login:{key} is missing: it takes {takes}."


@pytest.mark.parametrize(
    ("key", "value", "sentence"),
    [
        (
            "auth0:domain",
            None,
            (
                "auth0:domain is missing: it takes the tenant's domain without https://, as example.eu.auth0.com "
                "(or AUTH0_DOMAIN in the environment)."
            ),
        ),
        (
            "auth0:domain",
            "https://example.eu.auth0.com",
            (
                "auth0:domain is 'https://example.eu.auth0.com': it takes the tenant's domain without https://, "
                "as example.eu.auth0.com (or AUTH0_DOMAIN in the environment)."
            ),
        ),
        (
            "auth0:clientSecret",
            None,
            (
                "auth0:clientId and auth0:clientSecret are not both set: they take the credentials of an application "
                "that may use the Management API (or AUTH0_CLIENT_ID and AUTH0_CLIENT_SECRET in the environment, or "
                "auth0:cliLogin)."
            ),
        ),
        (
            "gcp:project",
            None,
            "gcp:project is missing: it takes a project's id (or GOOGLE_PROJECT in the environment).",
        ),
        (
            "gcp:region",
            "europe",
            "gcp:region is 'europe': it takes a region, as europe-west1 (or GOOGLE_REGION in the environment).",
        ),
    ],
)
def test_a_provider_setting_is_named_with_its_variable(key: str, value: str | None, sentence: str) -> None:
    assert _refusal(**{key: value}) == sentence


def test_variables_of_the_environment_will_do(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"AUTH0_DOMAIN": "env.auth0.com", "AUTH0_CLIENT_ID": "id", "AUTH0_CLIENT_SECRET": "s"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", "env-project")
    monkeypatch.setenv("GOOGLE_REGION", "us-east1")
    stack = deployed(**{key: None for key in TEAM if key.startswith(("auth0:", "gcp:"))})
    assert stack.exports["tiktok_portal"]["redirect_domain"] == "env.auth0.com"
    assert stack.only("storage/bucket:Bucket").inputs["name"] == "env-project-token-proxy-dev"
    assert stack.only("storage/bucket:Bucket").inputs["location"] == "us-east1"


def test_the_login_of_auth0s_own_command_will_do() -> None:
    assert deployed(**{"auth0:clientId": None, "auth0:clientSecret": None, "auth0:cliLogin": "true"}).exports


def test_all_that_is_wrong_is_said_at_once() -> None:
    sentences = _refusal(clientKey="", userId="name", memory="lots").splitlines()
    assert [sentence.split()[0] for sentence in sentences] == [
        "tiktok-login:clientKey",
        "tiktok-login:userId",
        "tiktok-login:memory",
    ]


def test_the_scope_that_holds_the_id_is_needed() -> None:
    assert _refusal(scopes=["user.info.profile"]) == (
        "tiktok-login:scopes is ['user.info.profile']: it takes user.info.basic, too, which tells the user's id."
    )


def test_the_runtime_must_be_the_python_that_runs_pulumi() -> None:
    other = "python312" if sys.version_info.minor != 12 else "python313"
    assert _refusal(runtime=other) == (
        f"tiktok-login:runtime is {other}, but Pulumi runs on {THIS_PYTHON}, which compiles for it: "
        f"set it to {THIS_PYTHON}, or make .venv anew with the Python of the runtime."
    )


def test_scaling_that_contradicts_itself_is_refused() -> None:
    assert _refusal(minInstances=6) == "tiktok-login:minInstances is 6: it takes no more than maxInstances."


def test_less_than_one_cpu_takes_one_request_at_a_time() -> None:
    assert _refusal(cpu="0.5") == "tiktok-login:concurrency is 80: it takes 1 where cpu is below 1."
    assert deployed(cpu="0.5", concurrency=1).exports


def test_a_secret_with_a_blank_is_refused_unseen() -> None:
    sentence = _refusal(clientSecret="s3cr3t one")
    assert sentence == f"tiktok-login:clientSecret has a blank in it (its value is not shown): it takes {_SECRET}."


def test_a_secret_that_is_kept_in_clear_is_refused_unseen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.support.infra.declaring._SECRET_KEYS", ["auth0:clientSecret"])
    assert _refusal() == f"tiktok-login:clientSecret is kept in clear: it takes {_SECRET}."


def test_blanks_around_a_value_do_not_count() -> None:
    assert deployed(clientSecret=" s3cr3t-one\n").only(":Connection").inputs["options"]["clientSecret"]["value"] == (
        "s3cr3t-one"
    )


@pytest.mark.parametrize("origin", ["http://localhost:3000", "http://127.0.0.1:8080", "http://[::1]:80"])
def test_http_is_taken_on_this_machine(origin: str) -> None:
    assert deployed(loginOrigin=origin).exports["tiktok_portal"]["redirect_uri"] == f"{origin}/login/callback"


def test_a_password_in_an_origin_is_refused_unseen() -> None:
    sentence = _refusal(tokenProxyUrl="https://user:hush@proxy.example.com")
    assert sentence == f"tiktok-login:tokenProxyUrl is 'https://...@proxy.example.com': it takes {_ORIGIN}."


@pytest.mark.parametrize("origin", ["https://", "https://a:b", "ftp://a.com", "https://a.com?b", "x"])
def test_what_is_no_origin_is_refused(origin: str) -> None:
    assert _ORIGIN in _refusal(loginOrigin=origin)


def test_the_engine_shows_wrong_settings_without_a_traceback() -> None:
    assert issubclass(SettingsError, pulumi.RunError)
