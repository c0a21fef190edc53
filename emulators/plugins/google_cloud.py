"""The gcp provider's resource types for enabled APIs, service accounts and buckets.

https://www.pulumi.com/registry/packages/gcp/ and https://cloud.google.com/storage/docs/json_api
"""

import base64
from dataclasses import replace
from operator import itemgetter

from emulators.plugins.api import Refused
from emulators.plugins.description import Field, Fields, LookUp, Request, ResourceType, Scope
from emulators.plugins.properties import Properties

GO = {"alt": "json", "prettyPrint": "false"}  # what Google's own Go clients add to every request
PROJECT: Fields = {"project": Field(local=True, computed=True, replaces=True, template="{own_project}")}
KEPT: Fields = {"deletionPolicy": Field(local=True, initial="DELETE")}
LABELS: Fields = {
    "labels": Field(shape="map", owned=True),
    "effectiveLabels": Field(wire="labels", shape="map", output=True, follows="labels", copies=True),
    "pulumiLabels": Field(wire="labels", shape="map", output=True, owned=True, follows="labels", copies=True),
}
_ENABLED = {**GO, "fields": "services/name,nextPageToken", "filter": "state:ENABLED", "pageSize": "200"}


def _is_enabled(scope: Scope) -> bool:
    names = [entry["name"].rpartition("/")[2] for entry in scope["answer"].get("services", [])]
    return scope["service"] in names


def _if_enabled(scope: Scope) -> Properties | None:
    return {} if _is_enabled(scope) else None


_LIST = Request(method="GET", api="serviceUsage", path="projects/{project}/services", query=_ENABLED)
_ENABLE = Request(
    method="POST",
    api="serviceUsage",
    path="projects/{project}/services/{service}:enable",
    query=GO,
    body=lambda _: {},
    unless=_is_enabled,
)
SERVICE = ResourceType(
    fields={
        **PROJECT,
        **KEPT,
        "service": Field(local=True, replaces=True),
        "disableOnDestroy": Field(local=True),
        "disableDependentServices": Field(local=True),
    },
    identity="{project}/{service}",
    create=(_LIST, _ENABLE, _LIST),
    read=(
        Request(method="GET", api="resourceManager", path="projects/{project}", query=GO),
        replace(_LIST, pick=_if_enabled),
    ),
)

_ACCOUNT = Request(method="GET", api="iamBeta", path="projects/{project}/serviceAccounts/{email}", query=GO)
ACCOUNT = ResourceType(
    fields={
        **PROJECT,
        **KEPT,
        "accountId": Field(wire="email", replaces=True, sent=False, decode=lambda email: email.partition("@")[0]),
        "displayName": Field(),
        "description": Field(),
        "disabled": Field(computed=True, initial=False, sent=False),
        "email": Field(output=True, template="{accountId}@{project}.iam.gserviceaccount.com"),
        "member": Field(local=True, output=True, template="serviceAccount:{email}"),
        "name": Field(output=True),
        "uniqueId": Field(output=True),
    },
    identity="projects/{project}/serviceAccounts/{email}",
    create=(
        Request(
            method="POST",
            api="iamBeta",
            path="projects/{project}/serviceAccounts",
            query=GO,
            body=lambda scope: {"accountId": scope["accountId"], "serviceAccount": scope["plan"]},
        ),
    ),
    read=(_ACCOUNT,),
    update=(
        _ACCOUNT,
        Request(
            method="PATCH",
            api="iamBeta",
            path=_ACCOUNT.path,
            query=GO,
            body=lambda scope: {
                "serviceAccount": scope["plan"] | {"etag": scope["answer"]["etag"]},
                "updateMask": "display_name,description",
            },
        ),
    ),
    delete=(Request(method="DELETE", api="iamBeta", path=_ACCOUNT.path, query=GO, gone=True),),
)


def _emptied(scope: Scope) -> list[Properties]:
    versions: list[Properties] = scope["answer"].get("items", [])
    if versions and not scope.get("forceDestroy"):
        raise Refused(
            f"Error trying to delete bucket {scope['id']} containing objects without `force_destroy` set to true"
        )
    return [{"object": version["name"], "generation": version["generation"]} for version in versions]


_CONDITION = "age createdBefore daysSinceCustomTime daysSinceNoncurrentTime isLive matchesPrefix numNewerVersions"
_BUCKET = "b/{name}"
BUCKET = ResourceType(
    fields={
        "enableObjectRetention": Field(local=True, replaces=True),
        "hierarchicalNamespace": Field(shape="block", local=True, initial={}, replaces=True),
        **LABELS,
        **KEPT,
        "project": Field(local=True, replaces=True, computed=True),
        "name": Field(replaces=True),
        "location": Field(replaces=True, normal=str.upper, kept=True),
        "storageClass": Field(default="STANDARD"),
        "forceDestroy": Field(local=True),
        "publicAccessPrevention": Field(wire="iamConfiguration.publicAccessPrevention", computed=True),
        "uniformBucketLevelAccess": Field(
            wire="iamConfiguration.uniformBucketLevelAccess.enabled", computed=True, zero=True
        ),
        "versioning": Field(shape="block", fields={"enabled": Field(zero=True)}),
        "softDeletePolicy": Field(
            shape="block", computed=True, fields={"retentionDurationSeconds": Field(encode=str, decode=int)}
        ),
        "lifecycleRules": Field(
            wire="lifecycle.rule",
            shape="blocks",
            fields={
                "action": Field(shape="block", fields={"type": Field(), "storageClass": Field()}),
                "condition": Field(shape="block", fields={name: Field() for name in _CONDITION.split()}),
            },
        ),
        **{name: Field(output=True) for name in ("rpo", "selfLink", "timeCreated", "updated")},
        "projectNumber": Field(output=True, decode=int),
        "url": Field(wire="name", output=True, decode="gs://{}".format),
    },
    identity="{name}",
    create=(
        Request(method="POST", api="storage", path="b", query={**GO, "project": "{project}"}, body=itemgetter("given")),
    ),
    read=(Request(method="GET", api="storage", path=_BUCKET, query=GO),),
    update=(Request(method="PATCH", api="storage", path=_BUCKET, query=GO, body=itemgetter("changed")),),
    delete=(
        Request(method="GET", api="storage", path=_BUCKET + "/anywhereCaches/", query={"alt": "json"}, gone=True),
        Request(method="GET", api="storage", path=_BUCKET + "/o", query={**GO, "versions": "true"}),
        Request(
            method="DELETE",
            api="storage",
            path=_BUCKET + "/o/{object}",
            query={**GO, "generation": "{generation}"},
            each=_emptied,
            gone=True,
        ),
        Request(method="DELETE", api="storage", path=_BUCKET, query=GO, gone=True),
    ),
    named=True,
)

_OBJECT = Request(method="GET", api="storage", path="b/{bucket}/o/{name}", query=GO)
_CHOICES = ("cacheControl", "contentDisposition", "contentEncoding", "contentLanguage", "contentType")
BUCKET_OBJECT = ResourceType(
    fields={
        **KEPT,
        "bucket": Field(replaces=True),
        "name": Field(replaces=True, sent=False),
        "source": Field(local=True, replaces=True),
        **{name: Field(replaces=True) for name in _CHOICES},
        "metadata": Field(shape="map", replaces=True),
        **{name: Field(replaces=True, computed=True) for name in ("kmsKeyName", "storageClass")},
        "forceEmptyContentType": Field(local=True, replaces=True),
        "detectMd5hash": Field(
            wire="md5Hash", sent=False, default="different hash", normal=lambda _: None, follows="source"
        ),
        "crc32c": Field(output=True, follows="source"),
        "generation": Field(output=True, follows="source", decode=int),
        "md5hash": Field(wire="md5Hash", output=True, follows="source"),
        "md5hexhash": Field(wire="md5Hash", output=True, decode=lambda text: base64.b64decode(text).hex()),
        "outputName": Field(wire="name", output=True),
        **{name: Field(output=True) for name in ("mediaLink", "selfLink")},
    },
    identity="{bucket}-{name}",
    create=(
        Request(
            method="POST",
            api="upload",
            path="b/{bucket}/o",
            query={**GO, "name": "{name}"},
            body=itemgetter("plan"),
            source="source",
        ),
    ),
    read=(_OBJECT,),
    delete=(Request(method="DELETE", api="storage", path=_OBJECT.path, query=GO, gone=True),),
    named=True,
)

GET_PROJECT = LookUp(
    fields={
        "projectId": Field(),
        "number": Field(wire="projectNumber"),
        "name": Field(),
        "id": Field(wire="projectId"),
    },
    read=(Request(method="GET", api="resourceManager", path="projects/{projectId}", query=GO),),
)
