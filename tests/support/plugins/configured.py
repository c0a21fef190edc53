"""Stand-in plugins that the engine has configured, and whose requests get scripted answers."""

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from typing import Any

import grpc
from pulumi.runtime.proto import provider_pb2 as pb
from pulumi.runtime.proto.provider_pb2_grpc import ResourceProviderStub

from rehearsal.stand_in_plugins import AUTH0, GOOGLE_CLOUD, Plugin, serve_plugin
from rehearsal.stand_in_plugins.properties import Properties, to_struct
from tests.support.plugins.replay import Stage
from tests.support.plugins.scripted_server import Sent

CONNECTION = "urn:pulumi:dev::tk::auth0:index/connection:Connection::tiktok"
SERVICE = "urn:pulumi:dev::tk::gcp:cloudrunv2/service:Service::proxy"
BUCKET = "urn:pulumi:dev::tk::gcp:storage/bucket:Bucket::archives"
OPTIONS: Properties = {"clientId": "key", "clientSecret": "s3cr3t", "pkceEnabled": False}
INPUTS: Properties = {"name": "tiktok", "strategy": "oauth2", "options": OPTIONS}
TOKEN = {"access_token": "token", "token_type": "Bearer", "expires_in": 86400}


def script(method: str, path: str, status: int, body: Any = None, **more: Any) -> Sent:  # noqa: ANN401  # JSON
    """Return an exchange for the scripted server."""
    return {
        "method": method,
        "path": path,
        "query": {},
        "request_body": None,
        "status": status,
        "response_body": body,
        **more,
    }


@contextmanager
def configure_plugin(
    plugin: Plugin, stage: Stage, *exchanges: Sent, environment: Mapping[str, str] | None = None, **config: str
) -> Generator[Any]:
    stage.server.follow(exchanges)
    with (
        serve_plugin(plugin, environment or {}, stage.tls) as port,
        grpc.insecure_channel(f"127.0.0.1:{port}") as channel,
    ):
        stub: Any = ResourceProviderStub(channel)  # whose types are half unknown
        stub.Configure(pb.ConfigureRequest(args=to_struct(dict(config))))
        yield stub


@contextmanager
def auth0_plugin(stage: Stage, *exchanges: Sent, token: list[Sent] | None = None) -> Generator[Any]:
    """Yield the auth0 plugin with a client; its token's exchanges precede ``exchanges``."""
    tokens = token or [script("POST", "/oauth/token", 200, TOKEN)]
    domain = stage.placeholders["@AUTH0_DOMAIN@"]
    with configure_plugin(
        AUTH0, stage, *tokens, *exchanges, domain=domain, clientId="id", clientSecret="deployer secret"
    ) as stub:
        yield stub


@contextmanager
def gcp_plugin(stage: Stage, *exchanges: Sent) -> Generator[Any]:
    """Yield the gcp plugin with a token and the address of Cloud Run."""
    run = stage.placeholders["@GOOGLE@"] + "/v2/"
    with configure_plugin(
        GOOGLE_CLOUD, stage, *exchanges, project="p", accessToken="token", cloudRunV2CustomEndpoint=run
    ) as stub:
        yield stub
