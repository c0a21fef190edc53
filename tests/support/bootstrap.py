"""The bootstrap program run against a recorder: what it declares is plain data."""

import json
from collections.abc import Mapping
from typing import Any

import yaml
from google.protobuf.json_format import MessageToDict
from google.protobuf.struct_pb2 import Struct
from pulumi.runtime.proto import resource_pb2

from bootstrap.program import deploy
from tests.support.infra.declaring import ROOT, Recorder, run

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
_POOL = "projects/123456789012/locations/global/workloadIdentityPools/tiktok-login"


class BootstrapRecorder(Recorder):
    """A recorder that answers GitHub's look-ups, and computes what the providers would."""

    computed: Mapping[str, Mapping[str, Any]] = {
        "serviceaccount/account:Account": {"member": "serviceAccount:ACCOUNT", "email": "ACCOUNT@example"},
        "iam/workloadIdentityPool:WorkloadIdentityPool": {"name": _POOL},
        "iam/workloadIdentityPoolProvider:WorkloadIdentityPoolProvider": {"name": f"{_POOL}/providers/github"},
        "index/client:Client": {"clientId": "client-id"},
        "index/clientCredentials:ClientCredentials": {"clientSecret": "the-made-up-secret"},
    }

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


def bootstrapped(**settings: object) -> BootstrapRecorder:
    """Run the program with two stacks, and ``settings`` over that (None unsets)."""
    project = yaml.safe_load((ROOT / "bootstrap" / "Pulumi.yaml").read_text())
    defaults = {key: each["default"] for key, each in project["config"].items() if "default" in each}
    values = {**defaults, "repository": "example/tiktok-login", "stacks": STACKS, **settings}
    config = {f"{PROJECT}:{key}": _to_text(value) for key, value in values.items() if value is not None}
    recorder = BootstrapRecorder()
    run(deploy, recorder, "main", config, project=PROJECT)
    return recorder


def _to_text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)
