"""The bootstrap program: for each stack identities at Google and Auth0, state and key, and GitHub's environments."""

import pulumi
import pulumi_auth0 as auth0
import pulumi_gcp as gcp
import pulumi_github as github

from bootstrap.auth0_clients import Auth0Clients
from bootstrap.github_environments import GitHubEnvironments, GitHubEnvironmentsArgs
from bootstrap.google_identities import GoogleIdentities, GoogleIdentitiesArgs
from bootstrap.settings import Settings, StackSettings


def deploy() -> None:
    """Declare everything that the settings ask for, and export the commands that come next."""
    settings = Settings.from_config()
    on_github = pulumi.ResourceOptions(provider=github.Provider("github", owner=settings.owner))
    repository = github.get_repository(
        full_name=f"{settings.owner}/{settings.repository}", opts=pulumi.InvokeOptions(provider=on_github.provider)
    )
    for stack in settings.stacks:
        google = GoogleIdentities(
            f"{stack.name}-google",
            GoogleIdentitiesArgs(
                stack=stack,
                owner=settings.owner,
                repository_id=repository.repo_id,
                administrator=settings.administrator,
            ),
            pulumi.ResourceOptions(
                providers=[gcp.Provider(f"{stack.name}-gcp", project=stack.project, region=stack.region)]
            ),
        )
        clients = Auth0Clients(
            f"{stack.name}-auth0", stack.name, stack.tenant, pulumi.ResourceOptions(providers=[_auth0(stack, settings)])
        )
        GitHubEnvironments(
            f"{stack.name}-github",
            GitHubEnvironmentsArgs(
                stack=stack,
                repository=settings.repository,
                reviewers=_user_numbers(stack, on_github),
                google=google,
                auth0=clients,
            ),
            pulumi.ResourceOptions(providers=[on_github.provider] if on_github.provider else None),
        )
        pulumi.export(f"{stack.name}_next", _next_commands(stack, google))


def _auth0(stack: StackSettings, settings: Settings) -> auth0.Provider:
    return auth0.Provider(
        f"{stack.name}-tenant", domain=stack.tenant, cli_login=True if settings.auth0_cli_login else None
    )


def _user_numbers(stack: StackSettings, on_github: pulumi.ResourceOptions) -> list[int]:
    """Return GitHub's numbers of the reviewers, which environments take."""
    opts = pulumi.InvokeOptions(provider=on_github.provider)
    return [int(github.get_user(username=username, opts=opts).id) for username in stack.reviewers]


def _next_commands(stack: StackSettings, google: GoogleIdentities) -> pulumi.Output[str]:
    """Return the commands that make the stack and fill in its file, to be run in the repository's root."""
    return pulumi.Output.format(
        "export PULUMI_BACKEND_URL={backend}\n"
        "pulumi stack init {stack} --secrets-provider '{secrets_provider}'\n"
        "pulumi config set --stack {stack} auth0:domain {tenant}\n"
        "pulumi config set --stack {stack} gcp:project {project}\n"
        "pulumi config set --stack {stack} gcp:region {region}\n"
        "git add Pulumi.{stack}.yaml",
        backend=google.backend_url,
        secrets_provider=google.secrets_provider,
        stack=stack.name,
        tenant=stack.tenant,
        project=stack.project,
        region=stack.region,
    )
