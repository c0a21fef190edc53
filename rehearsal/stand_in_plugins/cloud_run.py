"""The gcp provider's Cloud Run service (v2) and the members that may call it.

https://cloud.google.com/run/docs/reference/rest/v2/projects.locations.services
"""

from dataclasses import replace
from functools import partial
from operator import itemgetter

from rehearsal.stand_in_plugins.description import Field, Fields, Request, ResourceType, Scope, define_fields
from rehearsal.stand_in_plugins.google_cloud import DELETION_POLICY, LABELS, PROJECT
from rehearsal.stand_in_plugins.properties import Properties, Value

_SERVICES = "projects/{project}/locations/{location}/services"
_SERVICE = _SERVICES + "/{name}"


def last_segment(path: str) -> str:
    return path.rpartition("/")[2]


def _in_list(value: Value) -> list[Value]:
    return [value]


def _probe(*unset: str) -> Field:
    """Describe a probe; the released plugin sends null for the kinds in ``unset``."""
    return Field(
        shape="block",
        fields={
            **define_fields("failureThreshold initialDelaySeconds periodSeconds timeoutSeconds"),
            "httpGet": Field(shape="block", fields=define_fields("path port", computed=True)),
            **{name: Field(shape="map", send_null=name in unset) for name in ("grpc", "tcpSocket")},
        },
    )


_SOURCE: Fields = {"cloudStorageSource": Field(shape="block", fields=define_fields("bucket object generation"))}
_RESOURCES: Fields = {
    **define_fields("cpuIdle startupCpuBoost", send_empty=True),
    "limits": Field(shape="map", computed=True),
}
_CONTAINER: Fields = {
    **define_fields("name image baseImageUri args workingDir"),
    "commands": Field(api_path="command"),
    "envs": Field(api_path="env", shape="blocks", set_key="name", fields=define_fields("name value")),
    "ports": Field(shape="block", one_item_list=True, fields=define_fields("name containerPort", computed=True)),
    "resources": Field(shape="block", computed=True, fields=_RESOURCES),
    "sourceCode": Field(shape="block", fields=_SOURCE),
    "livenessProbe": _probe("grpc"),
    "startupProbe": _probe("grpc", "tcpSocket"),
}
_SCALING: Fields = {"minInstanceCount": Field(zero=0), "maxInstanceCount": Field(computed=True)}
_TEMPLATE: Fields = {
    "containers": Field(shape="blocks", fields=_CONTAINER),
    **define_fields("serviceAccount timeout maxInstanceRequestConcurrency", computed=True),
    "scaling": Field(shape="block", computed=True, fields=_SCALING),
    "executionEnvironment": Field(),
    **define_fields("labels annotations", shape="map", null_after_create=True),
}
_OUTPUTS = (
    "conditions createTime creator deleteTime etag expireTime generation lastModifier latestCreatedRevision "
    "latestReadyRevision observedGeneration reconciling trafficStatuses uid updateTime uri urls"
)
_run = partial(Request, path=_SERVICE, api="cloudRunV2", query={"alt": "json"})
SERVICE = ResourceType(
    fields={
        **PROJECT,
        **DELETION_POLICY,
        **LABELS,
        "name": Field(replaces=True, sent=False, decode=last_segment),
        "location": Field(state_only=True, replaces=True),
        "tags": Field(state_only=True, shape="map", replaces=True),
        "deletionProtection": Field(state_only=True, default=True),
        **define_fields("description customAudiences"),
        **define_fields("invokerIamDisabled defaultUriDisabled", zero=False),
        **define_fields("ingress launchStage", computed=True),
        "annotations": Field(shape="map"),
        "scaling": Field(
            shape="block",
            computed=True,
            fields={**_SCALING, "manualInstanceCount": Field(computed=True), "scalingMode": Field()},
        ),
        "template": Field(shape="block", fields=_TEMPLATE),
        "traffics": Field(
            api_path="traffic",
            shape="blocks",
            computed=True,
            fields=define_fields("type revision percent tag", computed=True),
        ),
        **define_fields(_OUTPUTS, output=True),
        "terminalConditions": Field(api_path="terminalCondition", output=True, decode=_in_list),
    },
    id_format=_SERVICE,
    create=(
        _run(
            "POST",
            path=_SERVICES,
            query={"alt": "json", "serviceId": "{name}"},
            body=itemgetter("plan"),
            operation_error="Error waiting to create Service: Error waiting for Creating Service",
        ),
    ),
    read=(_run("GET"),),
    update=(_run("PATCH", body=itemgetter("plan"), operation_error="Error waiting for Updating Service"),),
    delete=(_run("DELETE", operation_error="Error waiting for Deleting Service", ignore_404=True),),
    read_error_prefix='Error when reading or editing CloudRunV2Service "{id}": ',
    unique_name=True,
    skip_empty_update=True,
    deletion_guard="deletionProtection",
)


def _split_policy(scope: Scope) -> tuple[Properties, list[Properties]]:
    """Return the policy that was read, and its bindings without this member."""
    policy: Properties = scope["answer"]
    bindings = [
        {**binding, "members": [member for member in binding["members"] if member != scope["member"]]}
        if binding["role"] == scope["role"]
        else binding
        for binding in policy.get("bindings", [])
    ]
    return policy, [binding for binding in bindings if binding["members"]]


def _add_member(scope: Scope) -> Properties:
    policy, bindings = _split_policy(scope)
    others = [member for row in bindings if row["role"] == scope["role"] for member in row["members"]]
    bindings = [row for row in bindings if row["role"] != scope["role"]]
    bindings.append({"role": scope["role"], "members": [*others, scope["member"]]})
    return {"policy": {"bindings": bindings, "etag": policy["etag"], "version": 3}}


def _remove_member(scope: Scope) -> Properties:
    policy, bindings = _split_policy(scope)
    some = {"bindings": bindings} if bindings else {}
    return {"policy": some | {"etag": policy["etag"], "version": policy.get("version", 1)}}


def _select_binding(scope: Scope) -> Properties | None:
    policy: Properties = scope["answer"]
    for binding in policy.get("bindings", []):
        if binding["role"] == scope["role"] and scope["member"] in binding["members"]:
            return {"etag": policy["etag"], "name": _SERVICE.format_map(scope)}
    return None


_POLICY = _run("GET", path=_SERVICE + ":getIamPolicy")
_SET = _run("POST", path=_SERVICE + ":setIamPolicy", body=_add_member)
SERVICE_IAM_MEMBER = ResourceType(
    fields={
        "project": Field(state_only=True, replaces=True, computed=True),
        "name": Field(replaces=True, normalize=last_segment),
        **define_fields("location role member", state_only=True, replaces=True),
        "condition": Field(state_only=True, shape="map", replaces=True),
        "etag": Field(output=True),
    },
    id_format=_SERVICE + "/{role}/{member}",
    create=(_POLICY, _SET),
    read=(replace(_POLICY, select=_select_binding),),
    delete=(_POLICY, replace(_SET, body=_remove_member), _POLICY),
    serial=True,
)

RESOURCES = {
    "gcp:cloudrunv2/service:Service": SERVICE,
    "gcp:cloudrunv2/serviceIamMember:ServiceIamMember": SERVICE_IAM_MEMBER,
}
