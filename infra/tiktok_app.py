"""An app at TikTok, as the proxy and the connection need to know it."""

from dataclasses import dataclass, field

import pulumi


@dataclass(frozen=True, kw_only=True)
class TikTokApp:
    """An app's credentials, and the origins of the TikTok (or the stand-in) that knows it."""

    client_key: str
    client_secret: pulumi.Input[str] = field(repr=False)
    previous_client_secret: pulumi.Input[str] | None = field(default=None, repr=False)
    origin: pulumi.Input[str]
    api_origin: pulumi.Input[str]

    @property
    def authorize_url(self) -> pulumi.Output[str]:
        """Where people are asked; the trailing slash counts (https://developers.tiktok.com/doc/login-kit-web)."""
        return pulumi.Output.concat(self.origin, "/v2/auth/authorize/")

    @property
    def token_url(self) -> pulumi.Output[str]:
        """Where codes are exchanged."""
        return pulumi.Output.concat(self.api_origin, "/v2/oauth/token/")

    @property
    def user_info_url(self) -> pulumi.Output[str]:
        """Where a person's fields are asked for."""
        return pulumi.Output.concat(self.api_origin, "/v2/user/info/")
