"""The gcp provider's Cloud Run service (v2) and the members that may call it.

https://cloud.google.com/run/docs/reference/rest/v2/projects.locations.services
"""

from dataclasses import replace
from operator import itemgetter

from emulators.plugins.description import Field, Fields, Request, ResourceType, Scope
from emulators.plugins.google_cloud import KEPT, LABELS, PROJECT
from emulators.plugins.properties import Properties, Value

_JSON = {"alt": "json"}
_SERVICE = "projects/{project}/locations/{location}/services/{name}"


def last(path: str) -> str:
    """Return what a full resource name ends with."""
    return path.rpartition("/")[2]


def _listed(value: Value) -> list[Value]:
    return [value]


def _probe(*unset: str) -> Field:
    """Describe a probe; the released plugin says null for the kinds ``unset`` that it does not have."""
    numbers = ("failureThreshold", "initialDelaySeconds", "periodSeconds", "timeoutSeconds")
    return Field(
        shape="block",
        fields={
            **{name: Field() for name in numbers},
            "httpGet": Field(shape="block", fields={"path": Field(computed=True), "port": Field(computed=True)}),
            **{name: Field(shape="map", always=name in unset) for name in ("grpc", "tcpSocket")},
        },
    )


_CONTAINER: Fields = {
    "name": Field(),
    "image": Field(),
    "baseImageUri": Field(),
    "commands": Field(wire="command"),
    "args": Field(),
    "envs": Field(wire="env", shape="blocks", key="name", fields={"name": Field(), "value": Field()}),
    "workingDir": Field(),
    "ports": Field(
        shape="block", single=True, fields={"name": Field(computed=True), "containerPort": Field(computed=True)}
    ),
    "resources": Field(
        shape="block",
        computed=True,
        fields={
            "cpuIdle": Field(zero=True),
            "startupCpuBoost": Field(zero=True),
            "limits": Field(shape="map", computed=True),
        },
    ),
    "sourceCode": Field(
        shape="block",
        fields={
            "cloudStorageSource": Field(
                shape="block", fields={"bucket": Field(), "object": Field(), "generation": Field()}
            )
        },
    ),
    "livenessProbe": _probe("grpc"),
    "startupProbe": _probe("grpc", "tcpSocket"),
}
_SCALING: Fields = {"minInstanceCount": Field(), "maxInstanceCount": Field(computed=True)}
_TEMPLATE: Fields = {
    "containers": Field(shape="blocks", fields=_CONTAINER),
    "serviceAccount": Field(computed=True),
    "timeout": Field(computed=True),
    "maxInstanceRequestConcurrency": Field(computed=True),
    "scaling": Field(shape="block", computed=True, fields=_SCALING),
    "executionEnvironment": Field(),
    "labels": Field(shape="map"),
    "annotations": Field(shape="map"),
}
_SAID_BY_THE_API = (
    "conditions createTime creator deleteTime etag expireTime generation lastModifier latestCreatedRevision "
    "latestReadyRevision observedGeneration reconciling trafficStatuses uid updateTime uri urls"
)
SERVICE = ResourceType(
    fields={
        **PROJECT,
        **KEPT,
        **LABELS,
        "tags": Field(local=True, shape="map", replaces=True),
        "name": Field(replaces=True, sent=False, decode=last),
        "location": Field(local=True, replaces=True),
        "description": Field(),
        "deletionProtection": Field(local=True, default=True),
        "ingress": Field(computed=True),
        "launchStage": Field(computed=True),
        "invokerIamDisabled": Field(),
        "defaultUriDisabled": Field(),
        "customAudiences": Field(),
        "annotations": Field(shape="map"),
        "scaling": Field(
            shape="block",
            computed=True,
            fields={**_SCALING, "manualInstanceCount": Field(computed=True), "scalingMode": Field()},
        ),
        "template": Field(shape="block", fields=_TEMPLATE),
        "traffics": Field(
            wire="traffic",
            shape="blocks",
            computed=True,
            fields={name: Field(computed=True) for name in ("type", "revision", "percent", "tag")},
        ),
        **{name: Field(output=True) for name in _SAID_BY_THE_API.split()},
        "terminalConditions": Field(wire="terminalCondition", output=True, decode=_listed),
    },
    identity=_SERVICE,
    create=(
        Request(
            method="POST",
            api="cloudRunV2",
            path="projects/{project}/locations/{location}/services",
            query={**_JSON, "serviceId": "{name}"},
            body=itemgetter("plan"),
            operation="Error waiting to create Service: Error waiting for Creating Service",
        ),
    ),
    read=(Request(method="GET", api="cloudRunV2", path=_SERVICE, query=_JSON),),
    update=(
        Request(
            method="PATCH",
            api="cloudRunV2",
            path=_SERVICE,
            query=_JSON,
            body=itemgetter("plan"),
            operation="Error waiting for Updating Service",
        ),
    ),
    delete=(
        Request(
            method="DELETE",
            api="cloudRunV2",
            path=_SERVICE,
            query=_JSON,
            operation="Error waiting for Deleting Service",
            gone=True,
        ),
    ),
    reading='Error when reading or editing CloudRunV2Service "{id}": ',
    named=True,
    idle=True,
    guard="deletionProtection",
)


def _without(scope: Scope) -> tuple[Properties, list[Properties]]:
    """Return the policy just read, and its bindings without this member."""
    policy: Properties = scope["answer"]
    bindings = [
        {**binding, "members": [member for member in binding["members"] if member != scope["member"]]}
        if binding["role"] == scope["role"]
        else binding
        for binding in policy.get("bindings", [])
    ]
    return policy, [binding for binding in bindings if binding["members"]]


def _with_member(scope: Scope) -> Properties:
    policy, bindings = _without(scope)
    others = [member for row in bindings if row["role"] == scope["role"] for member in row["members"]]
    bindings = [row for row in bindings if row["role"] != scope["role"]]
    bindings.append({"role": scope["role"], "members": [*others, scope["member"]]})
    return {"policy": {"bindings": bindings, "etag": policy["etag"], "version": 3}}


def _without_member(scope: Scope) -> Properties:
    policy, bindings = _without(scope)
    some = {"bindings": bindings} if bindings else {}
    return {"policy": some | {"etag": policy["etag"], "version": policy.get("version", 1)}}


def _bound(scope: Scope) -> Properties | None:
    policy: Properties = scope["answer"]
    for binding in policy.get("bindings", []):
        if binding["role"] == scope["role"] and scope["member"] in binding["members"]:
            return {"etag": policy["etag"], "name": _SERVICE.format_map(scope)}
    return None


_POLICY = Request(method="GET", api="cloudRunV2", path=_SERVICE + ":getIamPolicy", query=_JSON)
_SET = Request(method="POST", api="cloudRunV2", path=_SERVICE + ":setIamPolicy", query=_JSON, body=_with_member)
SERVICE_IAM_MEMBER = ResourceType(
    fields={
        "project": Field(local=True, replaces=True, computed=True),
        "location": Field(local=True, replaces=True),
        "name": Field(replaces=True, normal=last),
        "role": Field(local=True, replaces=True),
        "member": Field(local=True, replaces=True),
        "condition": Field(local=True, shape="map", replaces=True),
        "etag": Field(output=True),
    },
    identity=_SERVICE + "/{role}/{member}",
    create=(_POLICY, _SET),
    read=(replace(_POLICY, pick=_bound),),
    delete=(_POLICY, replace(_SET, body=_without_member), _POLICY),
    serial=True,
)
