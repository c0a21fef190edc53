"""Google's REST APIs for one project, at the provider's endpoints."""

import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from operations.errors import OperationError, require
from operations.http_client import http_client, json_object

_SECONDS = 60
_ENDPOINTS = {
    "billing": ("gcp:cloudBillingCustomEndpoint", "https://cloudbilling.googleapis.com/v1/"),
    "projects": ("gcp:resourceManagerCustomEndpoint", "https://cloudresourcemanager.googleapis.com/v1/"),
    "run": ("gcp:cloudRunV2CustomEndpoint", "https://run.googleapis.com/v2/"),
    "services": ("gcp:serviceUsageCustomEndpoint", "https://serviceusage.googleapis.com/v1/"),
}


@dataclass(frozen=True, kw_only=True)
class GoogleProject:
    """A project as the deployer sees it; ``endpoints`` holds the provider's settings by key."""

    name: str
    region: str
    endpoints: Mapping[str, str]
    known_token: str = field(repr=False)

    def call(self, api: str, path: str, body: object = None, **query: str) -> dict[str, Any]:
        """Return the answer of a call below the project, or raise ``OperationError`` with Google's reason."""
        require(self.name, "gcp:project is not set.")
        key, usual = _ENDPOINTS[api]
        resource = f"projects/{self.name}{path}"
        headers = {"Authorization": f"Bearer {self._token}"}
        with http_client() as google:
            url = f"{self.endpoints.get(key) or usual}{resource}"
            answer = google.request("GET" if body is None else "POST", url, headers=headers, params=query, json=body)
        if answer.is_error:
            reason = json_object(answer).get("error", {}).get("message", "no reason")
            raise OperationError(f"Google refuses {resource} ({answer.status_code}): {reason}")
        return json_object(answer)

    @cached_property
    def _token(self) -> str:
        """The provider's access token if one is set, or else that of the gcloud CLI."""
        if self.known_token:
            return self.known_token
        command = shutil.which("gcloud")
        require(command, "There is no gcloud CLI on PATH, and no GOOGLE_OAUTH_ACCESS_TOKEN.")
        arguments = [command or "", "auth", "application-default", "print-access-token"]
        done = subprocess.run(arguments, capture_output=True, text=True, timeout=_SECONDS, check=False)  # noqa: S603  # fixed arguments
        require(done.returncode == 0, "gcloud gives no access token: run gcloud auth application-default login.")
        return done.stdout.strip()
