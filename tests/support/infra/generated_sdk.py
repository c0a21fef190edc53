"""The package's SDK for Python, made from the schema, as far as an example needs it."""

import json
import re
from types import ModuleType
from typing import Any

import pulumi

from infra.package import PackageProvider

TOKEN = "tiktok-login:index:TikTokLogin"


def schema() -> dict[str, Any]:
    return json.loads(PackageProvider().schema or "{}")


def _snake_case(name: str) -> str:
    return re.sub("([A-Z])", r"_\1", name).lower()


def generated_sdk() -> ModuleType:
    """Return a module with ``TikTokLogin``, which accepts and has exactly what the schema says."""
    about = schema()["resources"][TOKEN]
    inputs = {_snake_case(key): key for key in about["inputProperties"]}
    outputs = {_snake_case(key): key for key in about["properties"]}

    class TikTokLogin(pulumi.ComponentResource):
        def __init__(self, name: str, opts: pulumi.ResourceOptions | None = None, **arguments: object) -> None:
            properties = dict.fromkeys(outputs.values()) | {inputs[key]: value for key, value in arguments.items()}
            super().__init__(TOKEN, name, properties, opts, remote=True)

    for snake, camel in outputs.items():
        setattr(TikTokLogin, snake, property(lambda self, camel=camel: self.__dict__[camel]))
    module = ModuleType("pulumi_tiktok_login")
    vars(module)["TikTokLogin"] = TikTokLogin
    return module
