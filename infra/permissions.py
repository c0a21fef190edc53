"""What a deployer and a reader may do at Auth0 and Google: the one list that checks, documents and set-up share.

A deployer runs ``pulumi up``; a reader runs ``pulumi preview --refresh``. Each entry has its reason. Google's roles are
exact: together they hold every permission that the program needs, and without any one of them some are missing
(https://docs.cloud.google.com/iam/docs/roles-permissions).
"""

from collections.abc import Mapping

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
    "roles/run.admin": "deploy the service and open it to callers (run.developer lacks run.services.setIamPolicy)",
    "roles/iam.serviceAccountAdmin": "create, describe and delete the service's own identity",
    "roles/iam.serviceAccountUser": "let the service run as that identity (iam.serviceAccounts.actAs)",
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
    "roles/logging.configWriter": "create an alert on log lines (logging.notificationRules.create)",
}
"""Project roles that a deployment needs in addition when ``alertEmail`` is set."""

READER_ALERT_ROLES: Mapping[str, str] = {
    "roles/monitoring.viewer": "read alerts, channel and uptime check",
}
"""Project roles that a preview with refresh needs in addition when ``alertEmail`` is set."""
