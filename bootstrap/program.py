"""The bootstrap program: for each stack identities at Google and Auth0, state and key, and GitHub's environments."""

import pulumi
import pulumi_auth0 as auth0
import pulumi_gcp as gcp
import pulumi_github as github

from bootstrap.google_identities import GoogleIdentities, GoogleIdentitiesArgs
from bootstrap.settings import Settings, StackSettings
from bootstrap.workflow_access import Auth0Application, GitHubEnvironment, GitHubEnvironmentArgs
from infra.permissions import DEPLOYER, READER, Access


def deploy() -> None:
    """Declare everything that the settings ask for, and export the commands that come next."""
    settings = Settings.from_config()
    on_github = github.Provider("github", owner=settings.owner)
    invoke = pulumi.InvokeOptions(provider=on_github)
    repository = github.get_repository(full_name=f"{settings.owner}/{settings.repository}", opts=invoke)
    for stack in settings.stacks:
        name = stack.names.stack
        google = GoogleIdentities(
            f"{name}-google",
            GoogleIdentitiesArgs(
                stack=stack,
                owner=settings.owner,
                repository_id=repository.repo_id,
                administrator=settings.administrator,
            ),
            pulumi.ResourceOptions(providers=[gcp.Provider(f"{name}-gcp", project=stack.project, region=stack.region)]),
        )
        cli_login = True if settings.auth0_cli_login else None
        on_auth0 = auth0.Provider(f"{name}-tenant", domain=stack.tenant, cli_login=cli_login)
        reviewers = [int(github.get_user(username=username, opts=invoke).id) for username in stack.reviewers]
        for access in (DEPLOYER, READER):
            application = Auth0Application(
                f"{name}-auth0-{access.role}", stack, access, pulumi.ResourceOptions(providers=[on_auth0])
            )
            args = GitHubEnvironmentArgs(
                repository=settings.repository,
                reviewers=reviewers,
                variables=_variables(google, access, application),
                auth0_client_secret=application.client_secret,
            )
            for environment in stack.environments(access):
                GitHubEnvironment(environment, args, pulumi.ResourceOptions(providers=[on_github]))
        pulumi.export(f"{name}_next", _next_commands(stack, google))


def _variables(google: GoogleIdentities, access: Access, application: Auth0Application) -> dict[str, pulumi.Input[str]]:
    return {
        "GOOGLE_WORKLOAD_IDENTITY_PROVIDER": google.workload_identity_provider,
        "GOOGLE_SERVICE_ACCOUNT": google.accounts[access.role],
        "AUTH0_CLIENT_ID": application.client_id,
        "PULUMI_BACKEND_URL": google.backend_url,
    }


def _next_commands(stack: StackSettings, google: GoogleIdentities) -> pulumi.Output[str]:
    """Return the commands that create the stack and fill in its file, for the repository's root."""
    return pulumi.Output.format(
        "export PULUMI_BACKEND_URL={backend}\n"
        "pulumi stack init {stack} --secrets-provider '{secrets_provider}'\n"
        "pulumi config set --stack {stack} auth0:domain {tenant}\n"
        "pulumi config set --stack {stack} gcp:project {project}\n"
        "pulumi config set --stack {stack} gcp:region {region}\n"
        "git add Pulumi.{stack}.yaml",
        backend=google.backend_url,
        secrets_provider=google.secrets_provider,
        stack=stack.names.stack,
        tenant=stack.tenant,
        project=stack.project,
        region=stack.region,
    )
