"""What GitHub's environments hold: an application at Auth0, and the environment with its variables and secret."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_auth0 as auth0
import pulumi_github as github

from bootstrap.settings import Environment, StackSettings
from infra.permissions import Access


class Auth0Application(pulumi.ComponentResource):
    """A machine-to-machine application with the scopes of one access."""

    client_id: pulumi.Output[str]
    client_secret: pulumi.Output[str]

    def __init__(
        self, name: str, stack: StackSettings, access: Access, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("tiktok-login:bootstrap:Auth0Application", name, {}, opts)
        opts = pulumi.ResourceOptions(parent=self)
        client = auth0.Client(
            f"{name}-client",
            name=stack.names.application(access),
            app_type="non_interactive",
            grant_types=["client_credentials"],
            opts=opts,
        )
        credentials = auth0.ClientCredentials(
            f"{name}-credentials", client_id=client.client_id, authentication_method="client_secret_post", opts=opts
        )
        audience, scopes = f"https://{stack.tenant}/api/v2/", sorted(access.scopes)
        auth0.ClientGrant(f"{name}-grant", client_id=client.client_id, audience=audience, scopes=scopes, opts=opts)
        self.client_id = client.client_id
        self.client_secret = pulumi.Output.secret(credentials.client_secret)
        self.register_outputs({"client_id": self.client_id})


@dataclass(frozen=True, kw_only=True)
class GitHubEnvironmentArgs:
    """What a stack's environments have in common; ``reviewers`` are GitHub's numbers of users."""

    repository: str
    reviewers: Sequence[int]
    variables: Mapping[str, pulumi.Input[str]]
    auth0_client_secret: pulumi.Input[str]


class GitHubEnvironment(pulumi.ComponentResource):
    """An environment with the variables and the secret that the workflows read."""

    def __init__(
        self, environment: Environment, args: GitHubEnvironmentArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("tiktok-login:bootstrap:GitHubEnvironment", environment.name, {}, opts)
        made = self._declare_environment(environment, args)
        self._fill(made.environment, environment.name, args)
        self.register_outputs({"environment": made.environment})

    def _declare_environment(
        self, environment: Environment, args: GitHubEnvironmentArgs
    ) -> github.RepositoryEnvironment:
        opts, is_limited = pulumi.ResourceOptions(parent=self), bool(environment.branch or environment.tag)
        policy: github.RepositoryEnvironmentDeploymentBranchPolicyArgsDict = {
            "protected_branches": False,
            "custom_branch_policies": True,
        }
        made = github.RepositoryEnvironment(
            environment.name,
            repository=args.repository,
            environment=environment.name,
            reviewers=[{"users": list(args.reviewers)}] if environment.is_reviewed and args.reviewers else None,
            deployment_branch_policy=policy if is_limited else None,
            opts=opts,
        )
        if is_limited:
            github.RepositoryEnvironmentDeploymentPolicy(
                f"{environment.name}-from",
                repository=args.repository,
                environment=made.environment,
                branch_pattern=environment.branch,
                tag_pattern=environment.tag,
                opts=opts,
            )
        return made

    def _fill(self, environment: pulumi.Output[str], name: str, args: GitHubEnvironmentArgs) -> None:
        opts = pulumi.ResourceOptions(parent=self)
        for variable, value in args.variables.items():
            github.ActionsEnvironmentVariable(
                f"{name}-{variable}",
                repository=args.repository,
                environment=environment,
                variable_name=variable,
                value=value,
                opts=opts,
            )
        github.ActionsEnvironmentSecret(
            f"{name}-AUTH0_CLIENT_SECRET",
            repository=args.repository,
            environment=environment,
            secret_name="AUTH0_CLIENT_SECRET",  # noqa: S106  # a name
            value=args.auth0_client_secret,
            opts=opts,
        )
