"""Auth0 for one stack: an application that deploys, and one that reads."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass

import pulumi
import pulumi_auth0 as auth0

from infra.permissions import DEPLOYER_SCOPES, READER_SCOPES


@dataclass(frozen=True, kw_only=True)
class Credentials:
    """Client id and client secret of an application."""

    client_id: pulumi.Output[str]
    client_secret: pulumi.Output[str]


class Auth0Clients(pulumi.ComponentResource):
    """Two machine-to-machine applications with the fewest scopes of the Management API."""

    deployer: Credentials
    reader: Credentials

    def __init__(self, name: str, stack: str, tenant: str, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("tiktok-login:bootstrap:Auth0Clients", name, {}, opts)
        audience = f"https://{tenant}/api/v2/"
        self.deployer = self._client(f"{name}-deployer", f"tiktok-login {stack} deployer", audience, DEPLOYER_SCOPES)
        self.reader = self._client(f"{name}-reader", f"tiktok-login {stack} reader", audience, READER_SCOPES)
        self.register_outputs({"deployer": self.deployer.client_id, "reader": self.reader.client_id})

    def _client(self, name: str, title: str, audience: str, scopes: AbstractSet[str]) -> Credentials:
        opts = pulumi.ResourceOptions(parent=self)
        client = auth0.Client(
            name, name=title, app_type="non_interactive", grant_types=["client_credentials"], opts=opts
        )
        credentials = auth0.ClientCredentials(
            f"{name}-credentials",
            client_id=client.client_id,
            authentication_method="client_secret_post",
            opts=opts,
        )
        auth0.ClientGrant(
            f"{name}-grant", client_id=client.client_id, audience=audience, scopes=sorted(scopes), opts=opts
        )
        return Credentials(client_id=client.client_id, client_secret=pulumi.Output.secret(credentials.client_secret))
