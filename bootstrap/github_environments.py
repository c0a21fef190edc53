"""GitHub for one stack: the environment that deploys, and those that read for previews and drift."""

from dataclasses import dataclass

import pulumi
import pulumi_github as github

from bootstrap.auth0_clients import Auth0Clients, Credentials
from bootstrap.google_identities import GoogleIdentities
from bootstrap.settings import StackSettings

# A release runs on its tag, everything else on main.
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
    """Environments with the variables and the secret that the workflows read."""

    def __init__(self, name: str, args: GitHubEnvironmentsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("tiktok-login:bootstrap:GitHubEnvironments", name, {}, opts)
        self._args, self._opts = args, pulumi.ResourceOptions(parent=self)
        stack = args.stack
        released = stack.name == _RELEASED
        deploying = self._environment(
            stack.deploying_environment,
            reviewed=True,
            branch=None if released else "main",
            tag="v*" if released else None,
        )
        self._fill(stack.deploying_environment, deploying, args.google.deployer, args.auth0.deployer)
        for environment in stack.reading_environments:
            # A preview runs on the merge commit of a pull request, which no branch pattern matches.
            previews = environment == stack.preview_environment
            reading = self._environment(environment, reviewed=previews, branch=None if previews else "main")
            self._fill(environment, reading, args.google.reader, args.auth0.reader)
        self.register_outputs({"environments": [stack.deploying_environment, *stack.reading_environments]})

    def _environment(
        self, environment: str, *, reviewed: bool, branch: str | None = None, tag: str | None = None
    ) -> github.RepositoryEnvironment:
        policy: github.RepositoryEnvironmentDeploymentBranchPolicyArgsDict = {
            "protected_branches": False,
            "custom_branch_policies": True,
        }
        made = github.RepositoryEnvironment(
            environment,
            repository=self._args.repository,
            environment=environment,
            reviewers=[{"users": self._args.reviewers}] if reviewed and self._args.reviewers else None,
            deployment_branch_policy=policy if branch or tag else None,
            opts=self._opts,
        )
        if branch or tag:
            github.RepositoryEnvironmentDeploymentPolicy(
                f"{environment}-from",
                repository=self._args.repository,
                environment=made.environment,
                branch_pattern=branch,
                tag_pattern=tag,
                opts=self._opts,
            )
        return made

    def _fill(
        self,
        name: str,
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
        for variable, value in variables.items():
            github.ActionsEnvironmentVariable(
                f"{name}-{variable}",
                repository=self._args.repository,
                environment=environment.environment,
                variable_name=variable,
                value=value,
                opts=self._opts,
            )
        github.ActionsEnvironmentSecret(
            f"{name}-AUTH0_CLIENT_SECRET",
            repository=self._args.repository,
            environment=environment.environment,
            secret_name="AUTH0_CLIENT_SECRET",  # noqa: S106  # a name
            value=credentials.client_secret,
            opts=self._opts,
        )
