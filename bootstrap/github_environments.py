"""GitHub for one stack: the environment that deploys, and the one that reads for previews and drift."""

from dataclasses import dataclass

import pulumi
import pulumi_github as github

from bootstrap.auth0_clients import Auth0Clients, Credentials
from bootstrap.google_identities import GoogleIdentities
from bootstrap.settings import StackSettings

# A release runs on its tag, anything else on main.
_RELEASED = "prod"


@dataclass(frozen=True, kw_only=True)
class GitHubEnvironmentsArgs:
    """What the environments hold; ``reviewers`` are GitHub's numbers of users."""

    stack: StackSettings
    repository: str
    reviewers: list[int]
    google: GoogleIdentities
    auth0: Auth0Clients


class GitHubEnvironments(pulumi.ComponentResource):
    """Two environments with the variables and the secret that the workflows read."""

    def __init__(self, name: str, args: GitHubEnvironmentsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("tiktok-login:bootstrap:GitHubEnvironments", name, {}, opts)
        self._name, self._args = name, args
        deploying = self._environment("deploys", args.stack.deploying_environment, only_from_main=True)
        self._fill("deploys", deploying, args.google.deployer, args.auth0.deployer)
        reading = self._environment("reads", args.stack.reading_environment, only_from_main=False)
        self._fill("reads", reading, args.google.reader, args.auth0.reader)
        self.register_outputs({"deploys": deploying.environment, "reads": reading.environment})

    def _environment(self, role: str, environment: str, *, only_from_main: bool) -> github.RepositoryEnvironment:
        opts = pulumi.ResourceOptions(parent=self)
        policy: github.RepositoryEnvironmentDeploymentBranchPolicyArgsDict = {
            "protected_branches": False,
            "custom_branch_policies": True,
        }
        made = github.RepositoryEnvironment(
            f"{self._name}-{role}",
            repository=self._args.repository,
            environment=environment,
            reviewers=[{"users": self._args.reviewers}] if self._args.reviewers else None,
            # A preview runs on the merge commit of a pull request, which no branch pattern matches.
            deployment_branch_policy=policy if only_from_main else None,
            opts=opts,
        )
        if only_from_main:
            released = self._args.stack.name == _RELEASED
            github.RepositoryEnvironmentDeploymentPolicy(
                f"{self._name}-{role}-from",
                repository=self._args.repository,
                environment=made.environment,
                branch_pattern=None if released else "main",
                tag_pattern="v*" if released else None,
                opts=opts,
            )
        return made

    def _fill(
        self,
        role: str,
        environment: github.RepositoryEnvironment,
        account: pulumi.Output[str],
        credentials: Credentials,
    ) -> None:
        variables: dict[str, pulumi.Input[str]] = {
            "GOOGLE_WORKLOAD_IDENTITY_PROVIDER": self._args.google.workload_identity_provider,
            "GOOGLE_SERVICE_ACCOUNT": account,
            "AUTH0_CLIENT_ID": credentials.client_id,
            "PULUMI_BACKEND_URL": self._args.google.backend_url,
        }
        opts = pulumi.ResourceOptions(parent=self)
        for variable, value in variables.items():
            github.ActionsEnvironmentVariable(
                f"{self._name}-{role}-{variable}",
                repository=self._args.repository,
                environment=environment.environment,
                variable_name=variable,
                value=value,
                opts=opts,
            )
        github.ActionsEnvironmentSecret(
            f"{self._name}-{role}-AUTH0_CLIENT_SECRET",
            repository=self._args.repository,
            environment=environment.environment,
            secret_name="AUTH0_CLIENT_SECRET",  # noqa: S106  # a name
            value=credentials.client_secret,
            opts=opts,
        )
