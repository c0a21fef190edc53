"""Google Cloud for one stack: identities for GitHub's workflows, a bucket for the state, a key for the secrets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
from pulumi_gcp import iam, kms, projects, serviceaccount, storage

from bootstrap.settings import StackSettings
from infra.permissions import DEPLOYER_ALERT_ROLES, DEPLOYER_ROLES, READER_ALERT_ROLES, READER_ROLES

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
"""APIs that the workflows need, each with its reason."""

GITHUB_ISSUER = "https://token.actions.githubusercontent.com"
# The longest form of GitHub's own subject comes near Google's limit of 127 bytes; this cannot.
ATTRIBUTE_MAPPING: Mapping[str, str] = {
    "google.subject": "assertion.repository_id + ':' + assertion.environment",
    "attribute.repository_id": "assertion.repository_id",
    "attribute.environment": "assertion.environment",
}
"""Claims of GitHub's token that Google keeps
(https://docs.github.com/en/actions/concepts/security/openid-connect)."""


@dataclass(frozen=True, kw_only=True)
class GoogleIdentitiesArgs:
    """A stack, and the repository whose workflows are trusted; ``repository_id`` is GitHub's number for it."""

    stack: StackSettings
    owner: str
    repository_id: pulumi.Input[int]
    administrator: str


class GoogleIdentities(pulumi.ComponentResource):
    """Two service accounts that only this repository's jobs can use, each in its own environment.

    ``deployer`` and ``reader`` are e-mail addresses, ``workload_identity_provider`` is what google-github-actions/auth
    takes, ``backend_url`` and ``secrets_provider`` are what Pulumi takes.
    """

    deployer: pulumi.Output[str]
    reader: pulumi.Output[str]
    workload_identity_provider: pulumi.Output[str]
    backend_url: pulumi.Output[str]
    secrets_provider: pulumi.Output[str]

    def __init__(self, name: str, args: GoogleIdentitiesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("tiktok-login:bootstrap:GoogleIdentities", name, {}, opts)
        self._name, self._stack = name, args.stack
        self._opts = pulumi.ResourceOptions(parent=self)
        self._opts = pulumi.ResourceOptions(parent=self, depends_on=self._enable_apis())
        pool, provider = self._trust_github(args)
        deployer = self._account("deployer", pool, [args.stack.deploying_environment])
        reader = self._account("reader", pool, args.stack.reading_environments)
        self._grant("deployer", deployer, {**DEPLOYER_ROLES, **DEPLOYER_ALERT_ROLES})
        self._grant("reader", reader, {**READER_ROLES, **READER_ALERT_ROLES})
        bucket = self._state_bucket({"deployer": deployer, "reader": reader})
        key = self._key({"deployer": deployer.member, "reader": reader.member}, args.administrator)
        self.deployer, self.reader = deployer.email, reader.email
        self.workload_identity_provider = provider.name
        self.backend_url = pulumi.Output.concat("gs://", bucket.name)
        self.secrets_provider = pulumi.Output.concat("gcpkms://", key.id)
        self.register_outputs({"backend_url": self.backend_url, "secrets_provider": self.secrets_provider})

    def _enable_apis(self) -> list[projects.Service]:
        return [
            # Other programs in the project may need them, so they stay enabled.
            projects.Service(
                f"{self._name}-api-{api}",
                service=f"{api}.googleapis.com",
                disable_on_destroy=False,
                opts=self._opts,
            )
            for api in APIS
        ]

    def _trust_github(
        self, args: GoogleIdentitiesArgs
    ) -> tuple[iam.WorkloadIdentityPool, iam.WorkloadIdentityPoolProvider]:
        # A deleted pool keeps its id for 30 days, so a destroy leaves pool and provider in place.
        kept = pulumi.ResourceOptions.merge(self._opts, pulumi.ResourceOptions(protect=True, retain_on_delete=True))
        pool = iam.WorkloadIdentityPool(
            f"{self._name}-pool",
            workload_identity_pool_id=f"tiktok-login-{self._stack.name}",
            display_name=f"GitHub, stack {self._stack.name}",
            opts=kept,
        )
        environments = [self._stack.deploying_environment, *self._stack.reading_environments]
        provider = iam.WorkloadIdentityPoolProvider(
            f"{self._name}-provider",
            workload_identity_pool_id=pool.workload_identity_pool_id,
            workload_identity_pool_provider_id="github",
            display_name="GitHub Actions",
            attribute_mapping=ATTRIBUTE_MAPPING,
            # GitHub has one issuer for all repositories. The number cannot be taken over by a repository of the same
            # name, and the owner's name stops a repository that was transferred.
            attribute_condition=pulumi.Output.concat(
                "assertion.repository_id == '",
                pulumi.Output.from_input(args.repository_id).apply(str),
                f"' && assertion.repository_owner == '{args.owner}'",
                f" && assertion.environment in {environments}",
            ),
            oidc={"issuer_uri": GITHUB_ISSUER},
            opts=kept,
        )
        return pool, provider

    def _account(
        self, role: str, pool: iam.WorkloadIdentityPool, environments: Sequence[str]
    ) -> serviceaccount.Account:
        account = serviceaccount.Account(
            f"{self._name}-{role}",
            account_id=f"tiktok-{self._stack.name}-{role}",
            display_name=f"tiktok-login {role} ({self._stack.name})",
            opts=self._opts,
        )
        for environment in environments:
            serviceaccount.IAMMember(
                f"{self._name}-{environment}-acts-as-{role}",
                service_account_id=account.name,
                role="roles/iam.workloadIdentityUser",
                member=pulumi.Output.concat(
                    "principalSet://iam.googleapis.com/", pool.name, f"/attribute.environment/{environment}"
                ),
                opts=self._opts,
            )
        return account

    def _grant(self, role: str, account: serviceaccount.Account, roles: Mapping[str, str]) -> None:
        for granted in roles:
            projects.IAMMember(
                f"{self._name}-{role}-has-{granted.removeprefix('roles/')}",
                project=self._stack.project,
                role=granted,
                member=account.member,
                opts=self._opts,
            )

    def _state_bucket(self, accounts: Mapping[str, serviceaccount.Account]) -> storage.Bucket:
        bucket = storage.Bucket(
            f"{self._name}-state",
            name=f"{self._stack.project}-pulumi-{self._stack.name}",
            location=self._stack.region,
            versioning={"enabled": True},
            uniform_bucket_level_access=True,
            public_access_prevention="enforced",
            opts=pulumi.ResourceOptions.merge(self._opts, pulumi.ResourceOptions(protect=True)),
        )
        # A preview takes no lock and writes nothing.
        for role, granted in {"deployer": "roles/storage.objectUser", "reader": "roles/storage.objectViewer"}.items():
            storage.BucketIAMMember(
                f"{self._name}-{role}-uses-state",
                bucket=bucket.name,
                role=granted,
                member=accounts[role].member,
                opts=self._opts,
            )
        return bucket

    def _key(self, decrypters: Mapping[str, pulumi.Input[str]], administrator: str) -> kms.CryptoKey:
        ring = kms.KeyRing(
            f"{self._name}-keys",
            name=f"tiktok-login-{self._stack.name}",
            location=self._stack.region,
            opts=pulumi.ResourceOptions.merge(self._opts, pulumi.ResourceOptions(retain_on_delete=True)),
        )
        key = kms.CryptoKey(
            f"{self._name}-key",
            key_ring=ring.id,
            name="pulumi",
            rotation_period="7776000s",
            # Without the key nobody can read the stack's secrets again.
            opts=pulumi.ResourceOptions.merge(self._opts, pulumi.ResourceOptions(protect=True)),
        )
        members = {role: ("roles/cloudkms.cryptoKeyDecrypter", member) for role, member in decrypters.items()}
        if administrator:
            members["administrator"] = ("roles/cloudkms.cryptoKeyEncrypterDecrypter", f"user:{administrator}")
        for role, (granted, member) in members.items():
            kms.CryptoKeyIAMMember(
                f"{self._name}-{role}-uses-key", crypto_key_id=key.id, role=granted, member=member, opts=self._opts
            )
        return key
