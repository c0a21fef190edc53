"""The component package as other languages see it."""

import json
import runpy
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pulumi
import pytest
from pulumi.errors import InputPropertiesError

from infra import package
from infra.package import PackageProvider
from tests.support.infra.declaring import ROOT, Recorder, run
from tests.support.infra.generated_sdk import TOKEN

_SCHEMA = Path(__file__).with_name("schema.json")
_CONFIG = {"gcp:project": "example-project", "gcp:region": "europe-west1"}


def _schema() -> dict[str, object]:
    return json.loads(PackageProvider().schema or "")


def test_the_schema_changes_on_purpose_only() -> None:
    """Run ``python -m tests.unit.infra.test_package`` to write the schema after a change."""
    assert _schema() == json.loads(_SCHEMA.read_text())


def test_everything_in_the_schema_is_described() -> None:
    schema = json.loads(PackageProvider().schema or "")
    resources, types = schema["resources"].values(), schema["types"].values()
    members = [
        *(
            each
            for resource in resources
            for key in ("inputProperties", "properties")
            for each in resource[key].values()
        ),
        *(each for about in types for each in about.get("properties", {}).values()),
        *(each for about in types for each in about.get("enum", [])),
    ]
    assert all(each["description"].endswith(".") for each in [*resources, *members])


def test_the_engine_starts_the_host_by_its_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    started: list[str] = []
    monkeypatch.setattr(package, "host", lambda: started.append(sys.path[0]))
    monkeypatch.setattr(sys, "path", [str(ROOT / "infra"), *sys.path])
    monkeypatch.chdir(tmp_path)
    runpy.run_path(str(ROOT / "infra" / "__main__.py"), run_name="__main__")
    assert started == [str(ROOT)]


def _construct(arguments: Callable[[], dict[str, Any]]) -> Recorder:
    """Let the host construct the component from what the engine sends; an output belongs to one run."""

    def program() -> None:
        required = {"clientKey": "aw123", "clientSecret": pulumi.Output.secret("s3cr3t-one")}
        PackageProvider().construct("login", TOKEN, {**required, **arguments()})

    return run(program, Recorder(), "dev", _CONFIG, project="shop")


def _output(value: object) -> pulumi.Output[Any]:
    return pulumi.Output.from_input(value)


@pytest.mark.parametrize(
    ("arguments", "path"),
    [
        (lambda: {"displayName": _output("TikTok")}, "displayName"),
        (lambda: {"scopes": [_output("user.info.basic")]}, "scopes"),
        (lambda: {"scopes": _output(["user.info.basic"])}, "scopes"),
        (lambda: {"applications": _output({"web": "app1"})}, "applications"),
        (lambda: {"protect": _output(value=False)}, "protect"),
        (lambda: {"userId": _output("open_id")}, "userId"),
        (lambda: {"hosting": _output({"cpu": "2"})}, "hosting"),
        (lambda: {"hosting": {"maxInstances": _output(3)}}, "hosting.maxInstances"),
    ],
)
def test_an_output_in_place_of_a_plain_value_is_refused(arguments: Callable[[], dict[str, Any]], path: str) -> None:
    with pytest.raises(InputPropertiesError) as refused:
        _construct(arguments)
    assert refused.value.message == f"{path} must be a plain value, not the output of a resource or a secret."


@pytest.mark.parametrize(
    ("arguments", "sentences"),
    [
        (
            {"displayNam": "TikTok"},
            ["displayNam is not an argument (did you mean displayName?): correct or remove it."],
        ),
        ({"hosting": {"gpu": "1"}}, ["hosting.gpu is not an argument (did you mean cpu?): correct or remove it."]),
        ({"x": "1", "y": "2"}, [f"{name} is not an argument: correct or remove it." for name in "xy"]),
    ],
)
def test_an_argument_that_the_package_does_not_know_is_refused(
    arguments: dict[str, object], sentences: list[str]
) -> None:
    with pytest.raises(InputPropertiesError) as refused:
        _construct(lambda: arguments)
    assert refused.value.message.splitlines() == sentences


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"alertEmail": "on-call"}, "alertEmail must be an e-mail address, not 'on-call'."),
        ({"hosting": {"cpu": "3"}}, "hosting.cpu must be 1, 2, 4, 6 or 8, or from 0.08 to 0.99, not '3'."),
        (
            {"hosting": {"maxInstances": 1.0, "minInstances": 2.0}},
            "hosting.minInstances must be at most maxInstances (1), not 2.",
        ),
        ({"hosting": {"memory": "16Gi"}}, "hosting.memory must be from 128Mi to 4096Mi with a cpu of 1, not '16Gi'."),
    ],
)
def test_a_wrong_argument_is_refused_in_the_words_of_the_settings(arguments: dict[str, object], sentence: str) -> None:
    with pytest.raises(InputPropertiesError) as refused:
        _construct(lambda: arguments)
    assert refused.value.message == sentence


def test_wrong_arguments_are_refused_together_by_their_paths() -> None:
    wrong = {
        "tiktokOrigin": "www.tiktok.com",
        "applications": {"my_web": "app 1"},
        "scopes": ["user.info.basic", "email"],
        "hosting": {"region": "europe"},
    }
    with pytest.raises(InputPropertiesError) as refused:
        _construct(lambda: wrong)
    assert {line.partition(" must be ")[0] for line in refused.value.message.splitlines()} == {
        "applications.my_web",
        "hosting.region",
        "scopes",
        "tiktokOrigin",
    }


def test_outputs_that_a_language_sends_as_null_are_no_arguments() -> None:
    assert _construct(lambda: {"connectionId": None, "version": None}).declared


def test_numbers_that_arrive_as_floats_are_whole_numbers() -> None:
    stack = _construct(lambda: {"hosting": {"minInstances": 1.0, "maxInstances": 3.0}})
    scaling = stack.only("cloudrunv2/service:Service").inputs["scaling"]
    assert scaling == {"minInstanceCount": 1, "maxInstanceCount": 3}
    with pytest.raises(InputPropertiesError, match=r"^hosting\.maxInstances must be a whole number .*, not 2\.5\.$"):
        _construct(lambda: {"hosting": {"maxInstances": 2.5}})


def test_a_nested_argument_may_be_an_output_where_the_schema_says_so() -> None:
    stack = _construct(lambda: {"hosting": {"kmsKey": _output("projects/p/key"), "labels": {"team": _output("shop")}}})
    bucket = stack.only("storage/bucket:Bucket").inputs
    assert (bucket["encryption"], bucket["labels"]) == ({"defaultKmsKeyName": "projects/p/key"}, {"team": "shop"})


def test_every_language_treats_the_client_secrets_as_secrets() -> None:
    arguments = json.loads(PackageProvider().schema or "")["resources"][TOKEN]["inputProperties"]
    assert {name for name, about in arguments.items() if about.get("secret")} == {
        "clientSecret",
        "previousClientSecret",
    }


def test_no_type_is_called_args_which_the_generated_sdks_append_themselves() -> None:
    types = json.loads(PackageProvider().schema or "")["types"]
    assert types
    assert not [token for token in types if token.endswith("Args")]


if __name__ == "__main__":
    _SCHEMA.write_text(json.dumps(_schema(), indent=2) + "\n")
