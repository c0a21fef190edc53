"""Google's REST APIs for one project, at the provider's endpoints and with its credentials."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from operations.errors import OperationError, require
from operations.google_credentials import GoogleCredentials, Setting, load_credentials
from operations.http_client import http_client, json_object

_ENDPOINTS = {
    "billing": ("gcp:cloudBillingCustomEndpoint", "https://cloudbilling.googleapis.com/v1/"),
    "credentials": ("gcp:iamCredentialsCustomEndpoint", "https://iamcredentials.googleapis.com/v1/"),
    "projects": ("gcp:resourceManagerCustomEndpoint", "https://cloudresourcemanager.googleapis.com/v1/"),
    "run": ("gcp:cloudRunV2CustomEndpoint", "https://run.googleapis.com/v2/"),
    "services": ("gcp:serviceUsageCustomEndpoint", "https://serviceusage.googleapis.com/v1/"),
}


@dataclass(frozen=True, kw_only=True)
class GoogleProject:
    """A project as the deployer sees it; ``setting`` reads the provider's settings."""

    name: str
    region: str
    setting: Setting

    @property
    def identity(self) -> str:
        """Whose credentials Google accepts, or raises ``OperationError``."""
        self._credentials.headers("GET", "")
        return self._credentials.identity

    def call(self, api: str, path: str, body: object = None, **query: str) -> dict[str, Any]:
        """Return the answer of a call below the project, or raise ``OperationError`` with Google's reason."""
        require(self.name, "gcp:project is not set.")
        resource = f"projects/{self.name}{path}"
        url, method = f"{self._endpoint(api)}{resource}", "GET" if body is None else "POST"
        headers = self._credentials.headers(method, url)
        with http_client() as client:
            answer = client.request(method, url, headers=headers, params=query, json=body)
        if answer.is_error:
            reason = json_object(answer).get("error", {}).get("message", "no reason")
            if "quota project" in reason:  # only an access token does not say that it is a person's
                reason = f"the token is a person's: set gcp:userProjectOverride to true. {reason}"
            raise OperationError(f"Google refuses {resource} ({answer.status_code}): {reason}")
        return json_object(answer)

    @cached_property
    def _credentials(self) -> GoogleCredentials:
        return load_credentials(self.setting, self.name, self._endpoint("credentials"))

    def _endpoint(self, api: str) -> str:
        key, usual = _ENDPOINTS[api]
        return self.setting(key) or usual
