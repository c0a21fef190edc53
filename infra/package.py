"""The components as a Pulumi package, for programs in any of Pulumi's languages."""

import json
import sys
from collections.abc import Generator, Mapping
from typing import cast

import pulumi
from pulumi.errors import InputPropertiesError
from pulumi.output import Inputs
from pulumi.provider import ConstructResult, main
from pulumi.provider.experimental.analyzer import Analyzer, ComponentDefinition, PropertyDefinition
from pulumi.provider.experimental.component import ComponentProvider
from pulumi.provider.server import ComponentInitError

from infra.archive.cache import project_version
from infra.arguments import camel_case
from infra.config_reader import suggest
from infra.tiktok_connection import SignInArgs, TikTokConnection, TikTokConnectionArgs
from infra.tiktok_login import TikTokLogin, TikTokLoginArgs
from infra.token_proxy import TikTokAppArgs, TokenProxy, TokenProxyArgs

_NAME = "tiktok-login"
_COMPONENTS: list[type[pulumi.ComponentResource]] = [TikTokLogin, TokenProxy, TikTokConnection]
_ARGUMENTS: list[type] = [TikTokAppArgs, TokenProxyArgs, SignInArgs, TikTokConnectionArgs, TikTokLoginArgs]


class PackageProvider(ComponentProvider):
    """Constructs the components; a wrong argument is one sentence, without a traceback of this package."""

    def __init__(self) -> None:
        super().__init__(_COMPONENTS, _NAME, None, project_version())
        self.schema = _complete_schema(self.schema or "{}", self.analyzer)

    def construct(
        self, name: str, resource_type: str, inputs: Inputs, options: pulumi.ResourceOptions | None = None
    ) -> ConstructResult:
        try:
            return super().construct(name, resource_type, inputs, options)
        except ComponentInitError as error:
            if isinstance(error.inner, pulumi.RunError):
                raise InputPropertiesError(str(error.inner), []) from None  # the SDK cannot send None
            raise

    def map_inputs(self, inputs: Inputs, component_def: ComponentDefinition) -> Inputs:
        """Refuse what the SDK would drop or misread without an error: unknown names, and outputs as plain values."""
        outputs_only = component_def.outputs.keys() - component_def.inputs.keys()  # some languages send them as null
        named = {name: value for name, value in inputs.items() if name not in outputs_only}
        if problems := list(self._problems("", named, component_def.inputs)):
            raise InputPropertiesError("\n".join(problems), [])
        return super().map_inputs(inputs, component_def)

    def _problems(
        self, prefix: str, inputs: Mapping[str, object], properties: Mapping[str, PropertyDefinition]
    ) -> Generator[str]:
        for name, value in inputs.items():
            path = prefix + name
            if name in properties:
                yield from self._problems_of_value(path, value, properties[name])
            else:
                yield f"{path} is not an argument{suggest(name, properties)}: correct or remove it."

    def _problems_of_value(self, path: str, value: object, about: PropertyDefinition) -> Generator[str]:
        if isinstance(value, pulumi.Output):
            if about.plain:
                yield f"{path} must be a plain value, not the output of a resource or a secret."
        elif isinstance(value, list) and about.items:
            for item in cast("list[object]", value):
                yield from self._problems_of_value(path, item, about.items)
        elif isinstance(value, dict) and about.ref:
            definition = self._type_defs[about.ref.rpartition(":")[2]]
            yield from self._problems(f"{path}.", cast("dict[str, object]", value), definition.properties)


def host() -> None:
    """Serve the components to Pulumi's engine, whose address is the first argument."""
    main(PackageProvider(), sys.argv[1:])


def _complete_schema(schema: str, analyzer: Analyzer) -> str:
    """Mark secrets, and describe inherited arguments, because the SDK reads docstrings in the class itself only."""
    described = json.loads(schema)
    for resource in described["resources"].values():
        names = {camel_case(name): name for arguments in _ARGUMENTS for name in arguments.__annotations__}
        for key, about in resource["inputProperties"].items():
            found = [analyzer.get_docstring(arguments, names[key]) for arguments in _ARGUMENTS]
            about["description"] = next(filter(None, found))
            if key.endswith("Secret"):
                about["secret"] = True
    return json.dumps(described)
