"""The gcp provider's Cloud Run service (v2) and the members that may call it.

https://cloud.google.com/run/docs/reference/rest/v2/projects.locations.services
"""

from dataclasses import replace
from functools import partial
from operator import itemgetter

from rehearsal.stand_in_plugins.description import Field, Fields, Request, ResourceType, Scope, several
from rehearsal.stand_in_plugins.google_cloud import KEPT, LABELS, PROJECT
from rehearsal.stand_in_plugins.properties import Properties, Value

_SERVICES = "projects/{project}/locations/{location}/services"
_SERVICE = _SERVICES + "/{name}"


def last(path: str) -> str:
    """Return what a full resource name ends with."""
    return path.rpartition("/")[2]


def _listed(value: Value) -> list[Value]:
    return [value]


def _probe(*unset: str) -> Field:
    """Describe a probe; the released plugin says null for the kinds ``unset`` that it does not have."""
    return Field(
        shape="block",
        fields={
            **several("failureThreshold initialDelaySeconds periodSeconds timeoutSeconds"),
            "httpGet": Field(shape="block", fields=several("path port", computed=True)),
            **{name: Field(shape="map", always=name in unset) for name in ("grpc", "tcpSocket")},
        },
    )


_SOURCE: Fields = {"cloudStorageSource": Field(shape="block", fields=several("bucket object generation"))}
_RESOURCES: Fields = {
    **several("cpuIdle startupCpuBoost", zero=True),
    "limits": Field(shape="map", computed=True),
}
_CONTAINER: Fields = {
    **several("name image baseImageUri args workingDir"),
    "commands": Field(wire="command"),
    "envs": Field(wire="env", shape="blocks", key="name", fields=several("name value")),
    "ports": Field(shape="block", single=True, fields=several("name containerPort", computed=True)),
    "resources": Field(shape="block", computed=True, fields=_RESOURCES),
    "sourceCode": Field(shape="block", fields=_SOURCE),
    "livenessProbe": _probe("grpc"),
    "startupProbe": _probe("grpc", "tcpSocket"),
}
_SCALING: Fields = {"minInstanceCount": Field(), "maxInstanceCount": Field(computed=True)}
_TEMPLATE: Fields = {
    "containers": Field(shape="blocks", fields=_CONTAINER),
    **several("serviceAccount timeout maxInstanceRequestConcurrency", computed=True),
    "scaling": Field(shape="block", computed=True, fields=_SCALING),
    "executionEnvironment": Field(),
    **several("labels annotations", shape="map"),
}
_SAID_BY_THE_API = (
    "conditions createTime creator deleteTime etag expireTime generation lastModifier latestCreatedRevision "
    "latestReadyRevision observedGeneration reconciling trafficStatuses uid updateTime uri urls"
)
_run = partial(Request, path=_SERVICE, api="cloudRunV2", query={"alt": "json"})
SERVICE = ResourceType(
    fields={
        **PROJECT,
        **KEPT,
        **LABELS,
        "name": Field(replaces=True, sent=False, decode=last),
        "location": Field(local=True, replaces=True),
        "tags": Field(local=True, shape="map", replaces=True),
        "deletionProtection": Field(local=True, default=True),
        **several("description invokerIamDisabled defaultUriDisabled customAudiences"),
        **several("ingress launchStage", computed=True),
        "annotations": Field(shape="map"),
        "scaling": Field(
            shape="block",
            computed=True,
            fields={**_SCALING, "manualInstanceCount": Field(computed=True), "scalingMode": Field()},
        ),
        "template": Field(shape="block", fields=_TEMPLATE),
        "traffics": Field(
            wire="traffic", shape="blocks", computed=True, fields=several("type revision percent tag", computed=True)
        ),
        **several(_SAID_BY_THE_API, output=True),
        "terminalConditions": Field(wire="terminalCondition", output=True, decode=_listed),
    },
    identity=_SERVICE,
    create=(
        _run(
            "POST",
            path=_SERVICES,
            query={"alt": "json", "serviceId": "{name}"},
            body=itemgetter("plan"),
            operation="Error waiting to create Service: Error waiting for Creating Service",
        ),
    ),
    read=(_run("GET"),),
    update=(_run("PATCH", body=itemgetter("plan"), operation="Error waiting for Updating Service"),),
    delete=(_run("DELETE", operation="Error waiting for Deleting Service", gone=True),),
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


_POLICY = _run("GET", path=_SERVICE + ":getIamPolicy")
_SET = _run("POST", path=_SERVICE + ":setIamPolicy", body=_with_member)
SERVICE_IAM_MEMBER = ResourceType(
    fields={
        "project": Field(local=True, replaces=True, computed=True),
        "name": Field(replaces=True, normal=last),
        **several("location role member", local=True, replaces=True),
        "condition": Field(local=True, shape="map", replaces=True),
        "etag": Field(output=True),
    },
    identity=_SERVICE + "/{role}/{member}",
    create=(_POLICY, _SET),
    read=(replace(_POLICY, pick=_bound),),
    delete=(_POLICY, replace(_SET, body=_without_member), _POLICY),
    serial=True,
)
