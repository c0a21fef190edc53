"""The bootstrap program run against a recorder: what it declares is plain data, and can be put into emulators."""

import json
from collections import defaultdict
from functools import cache
from typing import Any

import httpx2
import yaml
from google.protobuf.json_format import MessageToDict
from google.protobuf.struct_pb2 import Struct
from pulumi.runtime.proto import resource_pb2

from bootstrap.program import deploy
from emulators.google_cloud.policies import Policy
from rehearsal.emulated_vendors import EmulatedVendors
from tests.support.infra.declaring import ROOT, Declared, Recorder, run

PROJECT = "tiktok-login-bootstrap"
STACKS: dict[str, Any] = {
    "dev": {"project": "example-dev", "tenant": "example-dev.eu.auth0.com"},
    "prod": {
        "project": "example-prod",
        "tenant": "example.eu.auth0.com",
        "region": "europe-west4",
        "reviewers": ["alice"],
    },
}
REPOSITORY_ID, ALICE = 123456789, "4711"
_NUMBER = "123456789012"


class BootstrapRecorder(Recorder):
    """A recorder that answers GitHub's look-ups, and computes what the providers would."""

    def __init__(self, stacks: dict[str, Any]) -> None:
        super().__init__()
        self._stacks = stacks

    def Invoke(self, request: resource_pb2.ResourceInvokeRequest) -> resource_pb2.ResourceInvokeResponse:  # noqa: N802  # gRPC's name
        arguments = MessageToDict(request.args)
        self.asked.append({"token": request.tok, "arguments": arguments})
        answers: dict[str, dict[str, Any]] = {
            "github:index/getRepository:getRepository": {"repoId": REPOSITORY_ID, "id": "tiktok-login"},
            "github:index/getUser:getUser": {"id": ALICE},
        }
        answer = Struct()
        answer.update(answers[request.tok])
        response = resource_pb2.ResourceInvokeResponse()
        getattr(response, "return").CopyFrom(answer)
        return response

    def RegisterResource(self, request: resource_pb2.RegisterResourceRequest) -> resource_pb2.RegisterResourceResponse:  # noqa: N802  # gRPC's name
        answer = super().RegisterResource(request)
        inputs, kind = MessageToDict(request.object), request.type.rpartition(":")[2]
        answer.object.update(self._compute(kind, request.name, inputs))
        return answer

    def _compute(self, kind: str, name: str, inputs: dict[str, Any]) -> dict[str, Any]:
        match kind:
            case "Account":
                project = self._stacks[name.partition("-")[0]]["project"]
                email = f"{inputs['accountId']}@{project}.iam.gserviceaccount.com"
                account = f"projects/{project}/serviceAccounts/{email}"
                return {"email": email, "member": f"serviceAccount:{email}", "name": account}
            case "WorkloadIdentityPool":
                return {"name": _pool_name(inputs)}
            case "WorkloadIdentityPoolProvider":
                return {"name": _provider_name(inputs)}
            case "Client":
                return {"clientId": f"id-of-{name}"}
            case "ClientCredentials":
                return {"clientSecret": "the-made-up-secret"}
            case _:
                return {}


def _pool_name(inputs: dict[str, Any]) -> str:
    return f"projects/{_NUMBER}/locations/global/workloadIdentityPools/{inputs['workloadIdentityPoolId']}"


def _provider_name(inputs: dict[str, Any]) -> str:
    return f"{_pool_name(inputs)}/providers/{inputs['workloadIdentityPoolProviderId']}"


def bootstrapped(**settings: Any) -> BootstrapRecorder:  # noqa: ANN401  # any setting
    """Run the program with two stacks, and ``settings`` over that (None unsets)."""
    project = yaml.safe_load((ROOT / "bootstrap" / "Pulumi.yaml").read_text())
    defaults = {key: each["default"] for key, each in project["config"].items() if "default" in each}
    values = {**defaults, "repository": "example/tiktok-login", "stacks": STACKS, **settings}
    config = {f"{PROJECT}:{key}": _to_text(value) for key, value in values.items() if value is not None}
    recorder = BootstrapRecorder(settings.get("stacks", STACKS))
    run(deploy, recorder, "main", config, project=PROJECT)
    return recorder


def _to_text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)


@cache
def _declared(stack: str, project: str, tenant: str) -> BootstrapRecorder:
    return bootstrapped(stacks={stack: {"project": project, "tenant": tenant, "reviewers": ["a"]}})


def create_in(vendors: EmulatedVendors, stack: str) -> str:
    """Let the emulators have what bootstrap/ declares for ``stack``, and return Pulumi's URL of its key."""
    cloud, tenant = vendors.cloud, vendors.tenant
    declared = _declared(stack, cloud.project, vendors.domain)
    cloud.enabled |= {each.inputs["service"] for each in declared.all("projects/service:Service")}
    for each in declared.all(":WorkloadIdentityPool"):
        cloud.identity_pools[_pool_name(each.inputs)] = {"name": _pool_name(each.inputs), "state": "ACTIVE"}
    for each in declared.all(":WorkloadIdentityPoolProvider"):
        fields = ("displayName", "attributeMapping", "attributeCondition", "oidc")
        provider = {name: each.inputs[name] for name in fields}
        name = _provider_name(each.inputs)
        cloud.identity_pools[name] = {"name": name, "state": "ACTIVE", **provider}
    with httpx2.Client(base_url=vendors.google_origin, headers={"authorization": "Bearer any"}) as google:
        for each in declared.all("serviceaccount/account:Account"):
            account = {"accountId": each.inputs["accountId"]}
            google.post(f"/v1/projects/{cloud.project}/serviceAccounts", json=account).raise_for_status()
        for each in declared.all("storage/bucket:Bucket"):
            google.post("/storage/v1/b", params={"project": cloud.project}, json=_bucket(each)).raise_for_status()
    ring, key = declared.only(":KeyRing").inputs, declared.only(":CryptoKey").inputs
    key_name = f"projects/{cloud.project}/locations/{ring['location']}/keyRings/{ring['name']}/cryptoKeys/{key['name']}"
    version = {"name": f"{key_name}/cryptoKeyVersions/1", "state": "ENABLED"}
    cloud.keys[key_name] = {"name": key_name, "purpose": "ENCRYPT_DECRYPT", "primary": version}
    for name, bindings in _policies(declared, key_name).items():
        cloud.policies[name] = Policy({"version": 1, "etag": "BwY=", "bindings": bindings})
    for client in declared.all("auth0:index/client:Client"):
        [grant] = [each for each in declared.all(":ClientGrant") if each.name == client.name.replace("client", "grant")]
        tenant.add_deployer(f"id-of-{client.name}", "not-used", grant.inputs["scopes"])
        tenant.clients[f"id-of-{client.name}"]["name"] = client.inputs["name"]
    return f"gcpkms://{key_name}"


def _bucket(declared: Declared) -> dict[str, Any]:
    inputs = declared.inputs
    uniform = {"enabled": inputs["uniformBucketLevelAccess"]}
    access = {"publicAccessPrevention": inputs["publicAccessPrevention"], "uniformBucketLevelAccess": uniform}
    return {
        "name": inputs["name"],
        "location": inputs["location"],
        "versioning": inputs["versioning"],
        "iamConfiguration": access,
    }


def _policies(declared: BootstrapRecorder, key_name: str) -> dict[str, list[dict[str, Any]]]:
    """Return the bindings that were declared, by the resource that they are on."""
    policies: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for each in declared.all("IAMMember"):
        on = {
            "projects/iAMMember:IAMMember": f"projects/{each.inputs.get('project')}",
            "serviceaccount/iAMMember:IAMMember": each.inputs.get("serviceAccountId", ""),
            "storage/bucketIAMMember:BucketIAMMember": f"projects/_/buckets/{each.inputs.get('bucket')}",
            "kms/cryptoKeyIAMMember:CryptoKeyIAMMember": key_name,
        }[each.type.partition(":")[2]]
        policies[on].append({"role": each.inputs["role"], "members": [each.inputs["member"]]})
    return policies
