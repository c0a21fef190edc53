"""Google's REST APIs for one project, at the provider's endpoints and with its credentials."""

import re
from dataclasses import dataclass
from functools import cached_property
from http import HTTPStatus
from typing import Any

from operations.errors import NotPermittedError, OperationError, require
from operations.google_credentials import GoogleCredentials, Setting, load_credentials
from operations.http_client import http_client, json_object

_ENDPOINTS = {
    "billing": ("gcp:cloudBillingCustomEndpoint", "https://cloudbilling.googleapis.com/v1/"),
    "iam": ("gcp:iamBetaCustomEndpoint", "https://iam.googleapis.com/v1/"),
    "kms": ("gcp:kmsCustomEndpoint", "https://cloudkms.googleapis.com/v1/"),
    "credentials": ("gcp:iamCredentialsCustomEndpoint", "https://iamcredentials.googleapis.com/v1/"),
    "projects": ("gcp:resourceManagerCustomEndpoint", "https://cloudresourcemanager.googleapis.com/v1/"),
    "run": ("gcp:cloudRunV2CustomEndpoint", "https://run.googleapis.com/v2/"),
    "services": ("gcp:serviceUsageCustomEndpoint", "https://serviceusage.googleapis.com/v1/"),
    "storage": ("gcp:storageCustomEndpoint", "https://storage.googleapis.com/storage/v1/"),
}

_OTHER_REFUSALS = re.compile(r"SERVICE_DISABLED|accessNotConfigured|quota project")


@dataclass(frozen=True, kw_only=True)
class GoogleProject:
    """A project as the deployer sees it; ``setting`` reads the provider's settings."""

    name: str
    region: str
    setting: Setting

    @property
    def identity(self) -> str:
        """The owner of the credentials, once Google accepts them, or raises ``OperationError``."""
        self._credentials.headers("GET", "")
        return self._credentials.identity

    def call(self, api: str, path: str, body: object = None, **query: str) -> dict[str, Any]:
        """Return the answer of a call below the project, as ``call_resource`` does."""
        require(self.name, "gcp:project is not set.")
        return self.call_resource(api, f"projects/{self.name}{path}", body, **query)

    def call_resource(self, api: str, resource: str, body: object = None, **query: str) -> dict[str, Any]:
        """Return the answer of a GET, or of a POST of ``body``.

        Raises ``NotPermittedError`` if a permission is missing, ``OperationError`` for any other refusal, both with
        Google's reason.
        """
        url, method = f"{self._endpoint(api)}{resource}", "GET" if body is None else "POST"
        headers = self._credentials.headers(method, url)
        with http_client() as client:
            answer = client.request(method, url, headers=headers, params=query, json=body)
        if answer.is_success:
            return json_object(answer)
        reason = json_object(answer).get("error", {}).get("message", "no reason")
        # An API that is off, or a quota project that is not named, is a 403 as well.
        is_permission = answer.status_code == HTTPStatus.FORBIDDEN and not _OTHER_REFUSALS.search(answer.text)
        if "quota project" in reason:  # only an access token does not say that it is a person's
            reason = f"the token is a person's: set gcp:userProjectOverride to true. {reason}"
        raise (NotPermittedError if is_permission else OperationError)(
            f"Google refuses {resource} ({answer.status_code}): {reason}"
        )

    @cached_property
    def _credentials(self) -> GoogleCredentials:
        return load_credentials(self.setting, self.name, self._endpoint("credentials"))

    def _endpoint(self, api: str) -> str:
        key, usual = _ENDPOINTS[api]
        return self.setting(key) or usual
