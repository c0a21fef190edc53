"""What a deployer and a reader may do at Auth0 and Google, and the names of what bootstrap/ creates for them.

A deployer runs `pulumi up`, a reader `pulumi preview --refresh`. Each permission has its reason. The project roles are
exact: together they hold every permission that the program needs, and without any one of them some are missing
(https://docs.cloud.google.com/iam/docs/roles-permissions). The program's checks, the documents and bootstrap/ use this
one list.
"""

from collections.abc import Mapping
from dataclasses import dataclass

READER_SCOPE_REASONS: Mapping[str, str] = {
    "read:clients": "look up the applications that get the button",
    "read:connections": "read the connection, and which applications it is enabled for",
    "read:connections_options": "read the connection's options, to see drift",
}
"""Scopes of Auth0's Management API that a preview needs."""

DEPLOYER_SCOPE_REASONS: Mapping[str, str] = {
    **READER_SCOPE_REASONS,
    "create:connections": "create the connection",
    "update:connections": "change the connection, and enable it for applications",
    "update:connections_options": "change the connection's options",
    "delete:connections": "delete the connection on destroy",
}
"""Scopes of Auth0's Management API that a deployment needs."""

READER_SCOPES = frozenset(READER_SCOPE_REASONS)
DEPLOYER_SCOPES = frozenset(DEPLOYER_SCOPE_REASONS)

DEPLOYER_ROLES: Mapping[str, str] = {
    "roles/run.admin": "deploy the service and open it to callers (run.developer has no run.services.setIamPolicy)",
    "roles/iam.serviceAccountAdmin": "create, describe and delete the service's own identity",
    "roles/iam.serviceAccountUser": "let the service run as that identity",
    "roles/storage.admin": "create the archive's bucket and replace the archive in it",
    "roles/serviceusage.serviceUsageAdmin": "enable the APIs that the program uses",
}
"""Project roles that a deployment needs."""

READER_ROLES: Mapping[str, str] = {
    "roles/run.viewer": "read the service and who may call it",
    "roles/iam.serviceAccountViewer": "read the service's identity",
    "roles/storage.bucketViewer": "read the archive's bucket",
    "roles/storage.objectViewer": "read the archive's object",
    "roles/serviceusage.serviceUsageViewer": "read which APIs are enabled",
}
"""Project roles that a preview with refresh needs."""

DEPLOYER_ALERT_ROLES: Mapping[str, str] = {
    "roles/monitoring.alertPolicyEditor": "create the alerts",
    "roles/monitoring.notificationChannelEditor": "create the e-mail channel",
    "roles/monitoring.uptimeCheckConfigEditor": "create the uptime check",
    "roles/logging.configWriter": "create an alert on log lines",  # logging.notificationRules.create
}
"""Project roles that a deployment needs in addition when ``alertEmail`` is set."""

READER_ALERT_ROLES: Mapping[str, str] = {
    "roles/monitoring.viewer": "read alerts, channel and uptime check",
}
"""Project roles that a preview with refresh needs in addition when ``alertEmail`` is set."""

APIS: Mapping[str, str] = {
    "cloudresourcemanager": "read the project; enable it by hand first, because enabling APIs needs it",
    "serviceusage": "enable APIs",
    "iam": "service accounts and workload identity",
    "iamcredentials": "tokens for the service accounts",
    "sts": "exchange GitHub's token for Google's",
    "cloudkms": "the key for the stack's secrets",
    "storage": "the state, and the archive that Cloud Run runs",
    "run": "Cloud Run",
    "monitoring": "alerts",
    "logging": "alerts on log lines",
}
"""APIs that the workflows need, by the first part of their name (NAME.googleapis.com)."""

GITHUB_ISSUER = "https://token.actions.githubusercontent.com"
ATTRIBUTE_MAPPING: Mapping[str, str] = {
    "google.subject": "assertion.repository_id + ':' + assertion.environment",
    "attribute.repository_id": "assertion.repository_id",
    "attribute.environment": "assertion.environment",
}
"""Claims of GitHub's token that Google keeps (https://docs.github.com/en/actions/concepts/security/openid-connect).

Google refuses a subject of more than 127 bytes. GitHub's own comes near that, this one cannot.
"""
CONDITION: Mapping[str, str] = {
    "assertion.repository_id == '{repository_id}'": "GitHub has one issuer for all repositories. Another one "
    "can take over the name, but not the number",
    "assertion.repository_owner == '{owner}'": "a repository that was transferred is not trusted any more",
    "assertion.environment in {environments}": "a job without one of the stack's environments gets no identity",
}
"""What GitHub's token must say; all of it must hold."""


@dataclass(frozen=True, kw_only=True)
class Access:
    """What one of a stack's two identities may do, each with its reason; ``role`` is part of its names."""

    role: str
    scopes: Mapping[str, str]
    project_roles: Mapping[str, str]
    bucket_roles: Mapping[str, str]
    key_roles: Mapping[str, str]


DEPLOYER = Access(
    role="deployer",
    scopes=DEPLOYER_SCOPE_REASONS,
    project_roles={**DEPLOYER_ROLES, **DEPLOYER_ALERT_ROLES},
    bucket_roles={"roles/storage.objectUser": "lock, read and write the state"},
    key_roles={"roles/cloudkms.cryptoKeyDecrypter": "decrypt the stack's secrets"},
)
READER = Access(
    role="reader",
    scopes=READER_SCOPE_REASONS,
    project_roles={**READER_ROLES, **READER_ALERT_ROLES},
    bucket_roles={"roles/storage.objectViewer": "read the state; a preview takes no lock and writes nothing"},
    key_roles={"roles/cloudkms.cryptoKeyDecrypter": "decrypt the stack's secrets, which a preview needs"},
)
ACCOUNT_ROLE = "roles/iam.workloadIdentityUser"
"""What lets a job of GitHub act as a service account."""


@dataclass(frozen=True, kw_only=True)
class StackNames:
    """The names of what bootstrap/ creates for one stack."""

    stack: str
    project: str

    @property
    def pool(self) -> str:
        """The id of the workload identity pool, and of the key ring."""
        return f"tiktok-login-{self.stack}"

    @property
    def state_bucket(self) -> str:
        return f"{self.project}-pulumi-{self.stack}"

    def account_id(self, access: Access) -> str:
        return f"tiktok-{self.stack}-{access.role}"

    def account_email(self, access: Access) -> str:
        return f"{self.account_id(access)}@{self.project}.iam.gserviceaccount.com"

    def application(self, access: Access) -> str:
        """Return the name of the application at Auth0."""
        return f"tiktok-login {self.stack} {access.role}"

    def environments(self, access: Access) -> tuple[str, ...]:
        """Return GitHub's environments whose jobs get this access; only a stack with reviewers has the second one."""
        return (self.stack,) if access is DEPLOYER else (self.preview_environment, self.drift_environment)

    @property
    def preview_environment(self) -> str:
        """The environment of GitHub for previews, which run a branch's code. Reviewers approve each."""
        return f"preview-{self.stack}"

    @property
    def drift_environment(self) -> str:
        """The environment for the nightly comparison, which runs main's code and waits for no approval."""
        return f"drift-{self.stack}"


PROVIDER_ID = "github"
KEY_NAME = "pulumi"
