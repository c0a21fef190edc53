"""Google Cloud for one stack: identities for GitHub's workflows, a bucket for the state, a key for the secrets."""

from dataclasses import dataclass

import pulumi
from pulumi_gcp import iam, kms, projects, serviceaccount, storage

from bootstrap.settings import StackSettings
from infra.permissions import (
    ACCOUNT_ROLE,
    APIS,
    ATTRIBUTE_MAPPING,
    CONDITION,
    DEPLOYER,
    GITHUB_ISSUER,
    KEY_NAME,
    PROVIDER_ID,
    READER,
    Access,
)


@dataclass(frozen=True, kw_only=True)
class GoogleIdentitiesArgs:
    """A stack, and the repository whose workflows are trusted; ``repository_id`` is GitHub's number for it."""

    stack: StackSettings
    owner: str
    repository_id: pulumi.Input[int]
    administrator: str


class GoogleIdentities(pulumi.ComponentResource):
    """Two service accounts that only this repository's jobs can use, each in its own environments.

    ``accounts`` are their e-mail addresses by role, ``workload_identity_provider`` is what google-github-actions/auth
    takes, ``backend_url`` and ``secrets_provider`` are what Pulumi takes.
    """

    accounts: dict[str, pulumi.Output[str]]
    workload_identity_provider: pulumi.Output[str]
    backend_url: pulumi.Output[str]
    secrets_provider: pulumi.Output[str]

    def __init__(self, name: str, args: GoogleIdentitiesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("tiktok-login:bootstrap:GoogleIdentities", name, {}, opts)
        self._name, self._stack = name, args.stack
        apis = self._enable_apis()
        self._opts = pulumi.ResourceOptions(parent=self, depends_on=apis)
        self._protected = pulumi.ResourceOptions.merge(self._opts, pulumi.ResourceOptions(protect=True))
        pool, provider = self._trust_github(args)
        bucket, key = self._state_bucket(), self._key()
        self.accounts = {}
        for access in (DEPLOYER, READER):
            account = self._account(access, pool)
            self._grant(access, account, bucket, key)
            self.accounts[access.role] = account.email
        if args.administrator:
            kms.CryptoKeyIAMMember(
                f"{name}-administrator-uses-key",
                crypto_key_id=key.id,
                role="roles/cloudkms.cryptoKeyEncrypterDecrypter",
                member=f"user:{args.administrator}",
                opts=self._opts,
            )
        self.workload_identity_provider = provider.name
        self.backend_url = pulumi.Output.concat("gs://", bucket.name)
        self.secrets_provider = pulumi.Output.concat("gcpkms://", key.id)
        self.register_outputs({"backend_url": self.backend_url, "secrets_provider": self.secrets_provider})

    def _enable_apis(self) -> list[projects.Service]:
        # Other programs in the project may need them, so they stay enabled.
        return [
            projects.Service(
                f"{self._name}-api-{api}",
                service=f"{api}.googleapis.com",
                disable_on_destroy=False,
                opts=pulumi.ResourceOptions(parent=self),
            )
            for api in APIS
        ]

    def _trust_github(
        self, args: GoogleIdentitiesArgs
    ) -> tuple[iam.WorkloadIdentityPool, iam.WorkloadIdentityPoolProvider]:
        # A deleted pool keeps its id for 30 days, so a destroy leaves pool and provider in place.
        kept = pulumi.ResourceOptions.merge(self._protected, pulumi.ResourceOptions(retain_on_delete=True))
        pool = iam.WorkloadIdentityPool(
            f"{self._name}-pool",
            workload_identity_pool_id=self._stack.names.pool,
            display_name=f"GitHub, stack {self._stack.names.stack}",
            opts=kept,
        )
        environments = [each.name for access in (DEPLOYER, READER) for each in self._stack.environments(access)]
        provider = iam.WorkloadIdentityPoolProvider(
            f"{self._name}-provider",
            workload_identity_pool_id=pool.workload_identity_pool_id,
            workload_identity_pool_provider_id=PROVIDER_ID,
            display_name="GitHub Actions",
            attribute_mapping=ATTRIBUTE_MAPPING,
            attribute_condition=pulumi.Output.format(
                " && ".join(CONDITION),
                repository_id=args.repository_id,
                owner=args.owner,
                environments=str(environments),
            ),
            oidc={"issuer_uri": GITHUB_ISSUER},
            opts=kept,
        )
        return pool, provider

    def _account(self, access: Access, pool: iam.WorkloadIdentityPool) -> serviceaccount.Account:
        account = serviceaccount.Account(
            f"{self._name}-{access.role}",
            account_id=self._stack.names.account_id(access),
            display_name=f"tiktok-login {access.role} ({self._stack.names.stack})",
            opts=self._opts,
        )
        for environment in (each.name for each in self._stack.environments(access)):
            serviceaccount.IAMMember(
                f"{self._name}-{environment}-acts-as-{access.role}",
                service_account_id=account.name,
                role=ACCOUNT_ROLE,
                member=pulumi.Output.concat(
                    "principalSet://iam.googleapis.com/", pool.name, f"/attribute.environment/{environment}"
                ),
                opts=self._opts,
            )
        return account

    def _grant(
        self, access: Access, account: serviceaccount.Account, bucket: storage.Bucket, key: kms.CryptoKey
    ) -> None:
        prefix, member, opts = f"{self._name}-{access.role}", account.member, self._opts
        for role in access.project_roles:
            name = f"{prefix}-has-{role.removeprefix('roles/')}"
            projects.IAMMember(name, project=self._stack.project, role=role, member=member, opts=opts)
        for role in access.bucket_roles:
            storage.BucketIAMMember(f"{prefix}-uses-state", bucket=bucket.name, role=role, member=member, opts=opts)
        for role in access.key_roles:
            kms.CryptoKeyIAMMember(f"{prefix}-uses-key", crypto_key_id=key.id, role=role, member=member, opts=opts)

    def _state_bucket(self) -> storage.Bucket:
        return storage.Bucket(
            f"{self._name}-state",
            name=self._stack.names.state_bucket,
            location=self._stack.region,
            versioning={"enabled": True},
            uniform_bucket_level_access=True,
            public_access_prevention="enforced",
            opts=self._protected,
        )

    def _key(self) -> kms.CryptoKey:
        ring = kms.KeyRing(
            f"{self._name}-keys",
            name=self._stack.names.pool,
            location=self._stack.region,
            opts=pulumi.ResourceOptions.merge(self._opts, pulumi.ResourceOptions(retain_on_delete=True)),
        )
        # Without the key, the stack's secrets cannot be read again.
        return kms.CryptoKey(
            f"{self._name}-key", key_ring=ring.id, name=KEY_NAME, rotation_period="7776000s", opts=self._protected
        )
