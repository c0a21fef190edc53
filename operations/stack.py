"""A stack as Pulumi's CLI knows it: its outputs, its settings and its resources."""

import json
import os
import shutil
import subprocess
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import yaml

from infra.cloud_run_settings import PROJECT_VARIABLES, REGION_VARIABLES
from operations.auth0_api import Auth0Api
from operations.auth0_credentials import ApiToken, ClientCredentials, CliLogin
from operations.errors import StackUnreadableError, require
from operations.google_api import GoogleProject
from operations.google_credentials import KEY_VARIABLES, TOKEN_VARIABLE

_SECONDS = 900
# Secrets that may be in the environment instead of the stack's file.
_SECRET_VARIABLES = (
    "AUTH0_CLIENT_SECRET",
    "AUTH0_API_TOKEN",
    "AUTH0_CLIENT_ASSERTION_PRIVATE_KEY",
    TOKEN_VARIABLE,
    *KEY_VARIABLES,
)


def run_pulumi(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run Pulumi's CLI without questions and return its result, or raise ``StackUnreadableError`` if it cannot run."""
    command = shutil.which("pulumi")
    if not command:
        raise StackUnreadableError("There is no Pulumi CLI on PATH: install it (https://www.pulumi.com/docs/install/).")
    line = [command, *arguments, "--non-interactive", "--color", "never"]
    try:
        return subprocess.run(line, capture_output=True, text=True, timeout=_SECONDS, check=False)  # noqa: S603  # the CLI
    except subprocess.TimeoutExpired:
        raise StackUnreadableError(
            f"pulumi {arguments[0]} takes longer than {_SECONDS} s: run it by hand to see why."
        ) from None


@dataclass(frozen=True, kw_only=True)
class LiveStack:
    """The settings and outputs of one stack of the project in ``folder``; its representation shows neither."""

    name: str
    folder: str = "."
    project_name: str
    secrets_provider: str = ""
    """What encrypts the secrets in the stack's file, as a URL; "" for a passphrase or Pulumi Cloud."""
    outputs: dict[str, Any] = field(repr=False)
    config: dict[str, dict[str, Any]] = field(repr=False)

    @classmethod
    def read(cls, name: str, folder: str = ".") -> Self:
        """Read a stack with the CLI, or raise ``StackUnreadableError``."""
        chosen = ("--stack", name, "--cwd", folder)
        return cls(
            name=name,
            folder=folder,
            project_name=_project_name(folder),
            secrets_provider=_secrets_provider(name, folder),
            outputs=_pulumi_json("stack", "output", "--json", *chosen),
            config=_pulumi_json("config", "--json", "--show-secrets", *chosen),
        )

    def setting(self, key: str, *variables: str) -> str:
        """Return a setting, or else the first of the environment's ``variables`` that is set, or "".

        A key without a namespace is one of the project's own.
        """
        known = self.config.get(key if ":" in key else f"{self.project_name}:{key}", {})
        return str(known.get("value", "")) or next(filter(None, map(os.environ.get, variables)), "")

    def texts(self, key: str) -> list[str]:
        """Return a setting that is a list."""
        return [str(each) for each in json.loads(self.setting(key) or "[]")]

    def redact(self, text: str) -> str:
        """Return ``text`` without any of the stack's secrets."""
        settings = [str(known.get("value", "")) for known in self.config.values() if known.get("secret")]
        for secret in filter(None, [*settings, *map(os.environ.get, _SECRET_VARIABLES)]):
            text = text.replace(secret, "[secret]")
        return text

    @cached_property
    def auth0(self) -> Auth0Api:
        """The API of the stack's tenant, with the login that the provider chooses, or raises ``OperationError``."""
        # The provider takes a domain with a scheme, too.
        domain = self.setting("auth0:domain", "AUTH0_DOMAIN").rpartition("://")[2].rstrip("/")
        require(domain, "auth0:domain is not set.")
        if self.setting("auth0:cliLogin", "AUTH0_CLI_LOGIN") in {"true", "1"}:
            return CliLogin(domain=domain)
        if token := self.setting("auth0:apiToken", "AUTH0_API_TOKEN"):
            return ApiToken(domain=domain, token=token)
        application = ClientCredentials(
            domain=domain,
            client_id=self.setting("auth0:clientId", "AUTH0_CLIENT_ID"),
            audience=self.setting("auth0:audience", "AUTH0_AUDIENCE") or f"https://{domain}/api/v2/",
            client_secret=self.setting("auth0:clientSecret", "AUTH0_CLIENT_SECRET"),
            private_key=self.setting("auth0:clientAssertionPrivateKey", "AUTH0_CLIENT_ASSERTION_PRIVATE_KEY"),
            algorithm=self.setting("auth0:clientAssertionSigningAlg", "AUTH0_CLIENT_ASSERTION_SIGNING_ALG"),
        )
        has_key = application.private_key and application.algorithm
        require(
            application.client_id and (application.client_secret or has_key),
            "There are no credentials for Auth0: set auth0:clientId with auth0:clientSecret, or with "
            "auth0:clientAssertionPrivateKey and auth0:clientAssertionSigningAlg, or set auth0:apiToken or "
            "auth0:cliLogin, or the AUTH0_ variable of each.",
        )
        return application

    @cached_property
    def google(self) -> GoogleProject:
        """The stack's Google Cloud project."""
        return GoogleProject(
            name=self.setting("gcp:project", *PROJECT_VARIABLES),
            region=self.setting("gcp:region", *REGION_VARIABLES),
            setting=self.setting,
        )


def _project_name(folder: str) -> str:
    try:
        return str(yaml.safe_load(Path(folder, "Pulumi.yaml").read_text(encoding="utf-8"))["name"])
    except FileNotFoundError:
        raise StackUnreadableError(
            f"There is no Pulumi.yaml in {Path(folder).resolve()}: run this in the repository."
        ) from None


def _secrets_provider(name: str, folder: str) -> str:
    """Read it from the stack's file, which Pulumi writes when a stack has settings or a provider."""
    file = Path(folder, f"Pulumi.{name.rpartition('/')[2]}.yaml")
    settings: dict[str, Any] | None = yaml.safe_load(file.read_text(encoding="utf-8")) if file.exists() else None
    return (settings or {}).get("secretsprovider", "")


def _pulumi_json(*arguments: str) -> dict[str, Any]:
    done = run_pulumi(*arguments)
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or ["no reason"])[-1]
        raise StackUnreadableError(f"Pulumi cannot read the stack: {reason}")
    return json.loads(done.stdout)
