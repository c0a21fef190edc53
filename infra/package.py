"""The components as a Pulumi package, for programs in any of Pulumi's languages."""

import json
import sys

import pulumi
from pulumi.errors import InputPropertiesError
from pulumi.output import Inputs
from pulumi.provider import ConstructResult, main
from pulumi.provider.experimental.analyzer import Analyzer
from pulumi.provider.experimental.component import ComponentProvider
from pulumi.provider.server import ComponentInitError

from infra.archive.cache import project_version
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
        self.schema = _describe_inherited(self.schema or "{}", self.analyzer)

    def construct(
        self, name: str, resource_type: str, inputs: Inputs, options: pulumi.ResourceOptions | None = None
    ) -> ConstructResult:
        try:
            return super().construct(name, resource_type, inputs, options)
        except ComponentInitError as error:
            if isinstance(error.inner, pulumi.RunError):
                raise InputPropertiesError(str(error.inner), []) from None  # the SDK cannot send None
            raise


def host() -> None:
    """Serve the components to Pulumi's engine, whose address is the first argument."""
    main(PackageProvider(), sys.argv[1:])


def _describe_inherited(schema: str, analyzer: Analyzer) -> str:
    """Add the descriptions of inherited arguments, which the SDK reads in the class itself only."""
    described = json.loads(schema)
    for resource in described["resources"].values():
        names = {_camel_case(name): name for arguments in _ARGUMENTS for name in arguments.__annotations__}
        for key, about in resource["inputProperties"].items():
            found = [analyzer.get_docstring(arguments, names[key]) for arguments in _ARGUMENTS]
            about["description"] = next(filter(None, found))
    return json.dumps(described)


def _camel_case(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.title() for word in rest)
