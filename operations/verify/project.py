"""A Google Cloud project, by Google's REST APIs at the provider's endpoints for them."""

import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from operations.verify.check import Failed, hold
from operations.verify.client import client, fields

_SECONDS = 60
_ENDPOINTS = {
    "billing": ("gcp:cloudBillingCustomEndpoint", "https://cloudbilling.googleapis.com/v1/"),
    "projects": ("gcp:resourceManagerCustomEndpoint", "https://cloudresourcemanager.googleapis.com/v1/"),
    "run": ("gcp:cloudRunV2CustomEndpoint", "https://run.googleapis.com/v2/"),
    "services": ("gcp:serviceUsageCustomEndpoint", "https://serviceusage.googleapis.com/v1/"),
}


@dataclass(frozen=True, kw_only=True)
class Project:
    """A project, as whoever deploys sees it; ``endpoints`` are settings of the provider, by their keys."""

    name: str
    region: str
    endpoints: Mapping[str, str]
    known_token: str = field(repr=False)

    def ask(self, api: str, path: str, body: object = None, **query: str) -> dict[str, Any]:
        """Return what an API answers about the project, ``path`` below it, or raise ``Failed`` with Google's reason."""
        hold(self.name, "gcp:project is not set.")
        key, usual = _ENDPOINTS[api]
        asked = f"projects/{self.name}{path}"
        headers = {"Authorization": f"Bearer {self._token}"}
        with client() as google:
            url = f"{self.endpoints.get(key) or usual}{asked}"
            answer = google.request("GET" if body is None else "POST", url, headers=headers, params=query, json=body)
        if answer.is_error:
            reason = fields(answer).get("error", {}).get("message", "no reason")
            raise Failed(f"Google refuses {asked} ({answer.status_code}): {reason}")
        return fields(answer)

    @cached_property
    def _token(self) -> str:
        """The provider's own token where it is given one, or else that of the gcloud CLI."""
        if self.known_token:
            return self.known_token
        command = shutil.which("gcloud")
        hold(command, "There is no gcloud CLI on PATH, and no GOOGLE_OAUTH_ACCESS_TOKEN.")
        asked = [command or "", "auth", "application-default", "print-access-token"]
        answer = subprocess.run(asked, capture_output=True, text=True, timeout=_SECONDS, check=False)  # noqa: S603  # fixed arguments
        hold(answer.returncode == 0, "gcloud gives no access token: run gcloud auth application-default login.")
        return answer.stdout.strip()
