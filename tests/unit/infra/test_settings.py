"""Each setting that is wrong or missing stops a preview with its own sentence, which never shows a secret."""

import sys

import pulumi
import pytest

from infra.config_reader import SettingsError
from infra.settings import PROVIDER_SECRETS
from infra.vendor_rules import THIS_PYTHON
from tests.support.infra.stacks import TEAM, deployed

_ORIGIN = "an origin such as https://example.com, without a path (http only on this machine)"
_CONNECTION = "at most 128 letters, digits and single hyphens between them"
_IMAGE = "a container image on docker.io, gcr.io or docker.pkg.dev"
_CPU = "1, 2, 4, 6 or 8, or from 0.08 to 0.99"
_DOMAIN = "the tenant's domain without https://, such as example.eu.auth0.com (or AUTH0_DOMAIN in the environment)"
_PROJECT = "a project's id (or GOOGLE_PROJECT in the environment)"
_REGION = "a region such as europe-west1 (or GOOGLE_REGION in the environment)"


def _refusal(**settings: object) -> str:
    with pytest.raises(SettingsError) as refused:
        deployed(**settings)
    return str(refused.value)


@pytest.mark.parametrize(
    ("key", "value", "wants"),
    [
        ("clientKey", "aw 123", "the client key of an app in TikTok's portal"),
        ("applications", ["app 1"], "a list of Auth0 client ids"),
        ("applications", "app1", "a list of Auth0 client ids"),
        ("connectionName", "tik_tok", _CONNECTION),
        ("connectionName", "tiktok-", _CONNECTION),
        ("connectionName", "tiktok--dev", _CONNECTION),
        ("connectionName", "a" * 129, _CONNECTION),
        ("displayName", "a" * 129, "at most 128 characters"),
        ("iconUrl", "http://example.com/tiktok.svg", "an https address"),
        ("scopes", ["user.info.basic,user.info.profile"], "a list of TikTok's scopes, such as [user.info.basic]"),
        ("userId", "username", "union_id or open_id"),
        ("askEveryTime", "yes", "false or true"),
        ("loginOrigin", "login.example.com", _ORIGIN),
        ("loginOrigin", "https://login.example.com/", _ORIGIN),
        ("proxyUrl", "http://proxy.example.com", _ORIGIN),
        ("image", "an image", _IMAGE),
        ("image", "ghcr.io/example/token-proxy:1", _IMAGE),
        ("runtime", "python310", "python311 or python312 or python313 or python314"),
        ("minInstances", "-1", "a whole number from 0 to 1000"),
        ("maxInstances", "0", "a whole number from 1 to 1000"),
        ("concurrency", "many", "a whole number from 1 to 1000"),
        ("concurrency", "5000", "a whole number from 1 to 1000"),
        ("cpu", "1000m", _CPU),
        ("cpu", "3", _CPU),
        ("memory", "512", "an amount such as 512Mi or 1Gi"),
        ("publicAccess", "private", "invoker-iam-disabled or all-users"),
        ("protect", "yes", "false or true"),
        ("tiktokStandIn", "maybe", "false or true"),
        ("tiktokOrigin", "http://www.tiktok.com", _ORIGIN),
        ("tiktokApiOrigin", "https://open.tiktokapis.com/v2", _ORIGIN),
    ],
)
def test_a_wrong_setting_is_named_with_what_it_must_be_and_what_it_is(key: str, value: object, wants: str) -> None:
    got = value if isinstance(value, str) else str(value).replace("'", '"')
    assert _refusal(**{key: value}) == f"tiktok-login:{key} must be {wants}, not {got!r}."


@pytest.mark.parametrize(
    ("key", "sentence"),
    [
        ("clientKey", "is missing: it must be the client key of an app in TikTok's portal."),
        ("clientSecret", "is missing. Set it with `pulumi config set --secret tiktok-login:clientSecret`."),
        ("displayName", "is missing: it must be at most 128 characters."),
        ("tiktokOrigin", f"is missing: it must be {_ORIGIN}."),
        ("maxInstances", "is missing: it must be a whole number from 1 to 1000."),
    ],
)
@pytest.mark.parametrize("unset", ["", None])  # None: the program does not see the project file with the defaults
def test_a_missing_setting_is_named_with_what_it_must_be(key: str, sentence: str, unset: str | None) -> None:
    assert _refusal(**{key: unset}) == f"tiktok-login:{key} {sentence}"


@pytest.mark.parametrize(
    ("key", "value", "sentence"),
    [
        ("auth0:domain", None, f"auth0:domain is missing: it must be {_DOMAIN}."),
        ("auth0:domain", "https://a.auth0.com", f"auth0:domain must be {_DOMAIN}, not 'https://a.auth0.com'."),
        ("gcp:project", None, f"gcp:project is missing: it must be {_PROJECT}."),
        ("gcp:project", "Example", f"gcp:project must be {_PROJECT}, not 'Example'."),
        ("gcp:region", "europe", f"gcp:region must be {_REGION}, not 'europe'."),
        ("gcp:region", "mars-north1", f"gcp:region must be {_REGION}, not 'mars-north1'."),
        (
            "auth0:clientSecret",
            None,
            (
                "auth0:clientId and auth0:clientSecret are missing: set them to the credentials of an application that "
                "may use the Management API (or set AUTH0_CLIENT_ID and AUTH0_CLIENT_SECRET in the environment, or "
                "auth0:cliLogin)."
            ),
        ),
    ],
)
def test_a_providers_setting_is_named_with_its_variable(key: str, value: str | None, sentence: str) -> None:
    assert _refusal(**{key: value}) == sentence


def test_the_environment_is_read_where_the_configuration_has_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"AUTH0_DOMAIN": "env.auth0.com", "AUTH0_CLIENT_ID": "id", "AUTH0_CLIENT_SECRET": "s"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", "env-project")
    monkeypatch.setenv("GOOGLE_REGION", "us-east1")
    stack = deployed(**{key: None for key in TEAM if key.startswith(("auth0:", "gcp:"))})
    assert stack.exports["tiktok_portal"]["redirect_domain"] == "env.auth0.com"
    assert stack.only("storage/bucket:Bucket").inputs["name"] == "env-project-tiktok-proxy-dev"
    assert stack.only("storage/bucket:Bucket").inputs["location"] == "us-east1"


def test_the_login_of_auth0s_own_command_is_enough() -> None:
    assert deployed(**{"auth0:clientId": None, "auth0:clientSecret": None, "auth0:cliLogin": "true"}).exports


def test_one_preview_reports_all_problems() -> None:
    sentences = _refusal(clientKey="", userId="name", memory="lots").splitlines()
    assert sorted(sentence.split()[0] for sentence in sentences) == [
        "tiktok-login:clientKey",
        "tiktok-login:memory",
        "tiktok-login:userId",
    ]


@pytest.mark.parametrize(
    ("key", "value", "suggestion"),
    [
        ("applicatons", ["app1"], " (did you mean applications?)"),
        ("tokenProxyUrl", "https://proxy.example.com", " (did you mean proxyUrl?)"),
        ("DisplayName", "TikTok", " (did you mean displayName?)"),
        ("identity", "clerk", ""),
    ],
)
def test_a_key_that_pulumi_yaml_does_not_declare_is_refused(key: str, value: object, suggestion: str) -> None:
    name = f"tiktok-login:{key}"
    assert _refusal(**{key: value}) == f"{name} is not a setting{suggestion}: remove it with `pulumi config rm {name}`."


def test_keys_of_other_namespaces_are_left_alone() -> None:
    assert deployed(**{"gcp:zone": "europe-west1-b", "aws:region": "eu-west-1"}).exports


def test_the_scope_that_grants_the_id_is_required() -> None:
    assert _refusal(scopes=["user.info.profile"]) == (
        "tiktok-login:scopes must include user.info.basic, which grants the user's id."
    )


def test_the_runtime_must_be_the_python_that_runs_pulumi() -> None:
    other = "python312" if sys.version_info.minor != 12 else "python313"
    assert _refusal(runtime=other) == (
        f"tiktok-login:runtime must be {THIS_PYTHON}, the Python that runs Pulumi and compiles the archive, not "
        f"{other!r}: change it, or create .venv with the Python of the runtime."
    )


def test_without_a_runtime_the_python_that_runs_pulumi_is_used() -> None:
    (container,) = deployed(runtime="").only("cloudrunv2/service:Service").inputs["template"]["containers"]
    assert container["baseImageUri"].endswith(f"/runtimes/{THIS_PYTHON}")


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"minInstances": 6}, "minInstances must be at most maxInstances (5), not 6."),
        ({"cpu": "0.5"}, "concurrency must be 1 with a cpu below 1, not 80."),
        ({"cpu": "8"}, "memory must be from 4096Mi to 32768Mi with a cpu of 8, not '512Mi'."),
        ({"memory": "1Mi"}, "memory must be from 128Mi to 4096Mi with a cpu of 1, not '1Mi'."),
        (
            {"cpu": "0.08", "concurrency": 1, "memory": "1Gi"},
            "memory must be from 128Mi to 512Mi with a cpu of 0.08, not '1Gi'.",
        ),
    ],
)
def test_sizes_that_cloud_run_refuses_together_are_refused(settings: dict[str, object], sentence: str) -> None:
    assert _refusal(**settings) == f"tiktok-login:{sentence}"


@pytest.mark.parametrize(
    "settings",
    [{"cpu": "0.5", "concurrency": 1}, {"cpu": "8", "memory": "4Gi"}, {"cpu": "2", "memory": "8Gi"}],
)
def test_sizes_that_cloud_run_accepts_are_accepted(settings: dict[str, object]) -> None:
    assert deployed(**settings).exports


@pytest.mark.parametrize("image", ["docker.io/a/b:1", "europe-docker.pkg.dev/p/r/i:v1", "gcr.io/p/i", "a/b", "nginx"])
def test_images_that_cloud_run_pulls_are_accepted(image: str) -> None:
    assert deployed(image=image).exports["version"] == image


def test_a_secret_with_white_space_is_refused_unseen() -> None:
    assert _refusal(clientSecret="s3cr3t one") == (
        "tiktok-login:clientSecret contains white space. "
        "Set it again with `pulumi config set --secret tiktok-login:clientSecret`."
    )


@pytest.mark.parametrize("key", ["tiktok-login:clientSecret", "tiktok-login:previousClientSecret", *PROVIDER_SECRETS])
def test_a_secret_in_clear_is_refused_unseen(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def is_secret(each: str) -> bool:
        return each != key

    monkeypatch.setattr("tests.support.infra.declaring.is_secret", is_secret)
    sentence = f"{key} is stored in clear. Set it with `pulumi config set --secret {key}`."
    assert _refusal(**{key: "value-in-clear"}) == sentence


def test_white_space_around_a_value_does_not_count() -> None:
    assert deployed(clientSecret=" s3cr3t-one\n").only(":Connection").inputs["options"]["clientSecret"]["value"] == (
        "s3cr3t-one"
    )


@pytest.mark.parametrize("origin", ["http://localhost:3000", "http://127.0.0.1:8080", "http://[::1]:80"])
def test_http_is_accepted_on_this_machine(origin: str) -> None:
    assert deployed(loginOrigin=origin).exports["tiktok_portal"]["redirect_uri"] == f"{origin}/login/callback"


def test_a_redirect_uri_is_in_lower_case() -> None:
    portal = deployed(loginOrigin="https://Login.Example.com").exports["tiktok_portal"]
    assert portal["redirect_uri"] == "https://login.example.com/login/callback"
    portal = deployed(**{"auth0:domain": "Example.eu.auth0.com"}).exports["tiktok_portal"]
    assert portal["redirect_uri"] == "https://example.eu.auth0.com/login/callback"


def test_a_password_in_an_origin_is_refused_unseen() -> None:
    sentence = _refusal(proxyUrl="https://user:hush@proxy.example.com")
    assert sentence == f"tiktok-login:proxyUrl must be {_ORIGIN}, not 'https://...@proxy.example.com'."


@pytest.mark.parametrize("origin", ["https://", "https://a:b", "ftp://a.com", "https://a.com?b", "x"])
def test_what_is_no_origin_is_refused(origin: str) -> None:
    assert _ORIGIN in _refusal(loginOrigin=origin)


def test_the_engine_shows_wrong_settings_without_a_traceback() -> None:
    assert issubclass(SettingsError, pulumi.RunError)
