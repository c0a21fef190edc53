"""The gcp provider's resource types for enabled APIs, service accounts and buckets.

https://www.pulumi.com/registry/packages/gcp/ and https://cloud.google.com/storage/docs/json_api
"""

import base64
from dataclasses import replace
from functools import partial
from operator import itemgetter

from rehearsal.stand_in_plugins.api import Refused
from rehearsal.stand_in_plugins.description import Field, Fields, LookUp, Request, ResourceType, Scope, several
from rehearsal.stand_in_plugins.properties import Properties

_GO = {"alt": "json", "prettyPrint": "false"}  # what Google's own Go clients add to every request
PROJECT: Fields = {"project": Field(local=True, computed=True, replaces=True, template="{own_project}")}
KEPT: Fields = {"deletionPolicy": Field(local=True, initial="DELETE")}
LABELS: Fields = {
    "labels": Field(shape="map", owned=True),
    "effectiveLabels": Field(wire="labels", shape="map", output=True, follows="labels", copies=True),
    "pulumiLabels": Field(wire="labels", shape="map", output=True, owned=True, follows="labels", copies=True),
}


def _is_enabled(scope: Scope) -> bool:
    names = [entry["name"].rpartition("/")[2] for entry in scope["answer"].get("services", [])]
    return scope["service"] in names


def _if_enabled(scope: Scope) -> Properties | None:
    return {} if _is_enabled(scope) else None


_usage = partial(Request, api="serviceUsage", query=_GO)
_PROJECT = Request("GET", "projects/{project}", api="resourceManager", query=_GO)
_LIST = _usage(
    "GET",
    "projects/{project}/services",
    query={**_GO, "fields": "services/name,nextPageToken", "filter": "state:ENABLED", "pageSize": "200"},
)
_ENABLE = _usage("POST", "projects/{project}/services/{service}:enable", body=lambda _: {}, unless=_is_enabled)
SERVICE = ResourceType(
    fields={
        **PROJECT,
        **KEPT,
        "service": Field(local=True, replaces=True),
        **several("disableOnDestroy disableDependentServices", local=True),
    },
    identity="{project}/{service}",
    create=(_LIST, _ENABLE, _LIST),
    read=(_PROJECT, replace(_LIST, pick=_if_enabled)),
)


def _created(scope: Scope) -> Properties:
    return {"accountId": scope["accountId"], "serviceAccount": scope["plan"]}


def _updated(scope: Scope) -> Properties:
    account = scope["plan"] | {"etag": scope["answer"]["etag"]}
    return {"serviceAccount": account, "updateMask": "display_name,description"}


_account = partial(Request, path="projects/{project}/serviceAccounts/{email}", api="iamBeta", query=_GO)
ACCOUNT = ResourceType(
    fields={
        **PROJECT,
        **KEPT,
        "accountId": Field(wire="email", replaces=True, sent=False, decode=lambda email: email.partition("@")[0]),
        **several("displayName description"),
        "disabled": Field(sent=False, initial=False),
        "email": Field(output=True, template="{accountId}@{project}.iam.gserviceaccount.com"),
        "member": Field(local=True, output=True, template="serviceAccount:{email}"),
        **several("name uniqueId", output=True),
    },
    identity="projects/{project}/serviceAccounts/{email}",
    create=(_account("POST", path="projects/{project}/serviceAccounts", body=_created),),
    read=(_account("GET"),),
    update=(_account("GET"), _account("PATCH", body=_updated)),
    delete=(_account("DELETE", gone=True),),
)


def _versions(scope: Scope) -> list[Properties]:
    versions: list[Properties] = scope["answer"].get("items", [])
    if versions and not scope.get("forceDestroy"):
        raise Refused(
            f"Error trying to delete bucket {scope['id']} containing objects without `force_destroy` set to true"
        )
    return [{"object": version["name"], "generation": version["generation"]} for version in versions]


_CONDITIONS = "age createdBefore daysSinceCustomTime daysSinceNoncurrentTime matchesPrefix numNewerVersions"
_RULE: Fields = {
    "action": Field(shape="block", fields=several("type storageClass")),
    "condition": Field(shape="block", fields=several(_CONDITIONS)),
}
_storage = partial(Request, api="storage", query=_GO)
BUCKET = ResourceType(
    fields={
        **LABELS,
        **KEPT,
        "project": Field(local=True, replaces=True, computed=True),
        "name": Field(replaces=True),
        "location": Field(replaces=True, normal=str.upper, kept=True),
        "enableObjectRetention": Field(local=True, replaces=True),
        "hierarchicalNamespace": Field(shape="block", local=True, initial={}, replaces=True),
        "storageClass": Field(default="STANDARD"),
        "forceDestroy": Field(local=True),
        "publicAccessPrevention": Field(wire="iamConfiguration.publicAccessPrevention", computed=True),
        "uniformBucketLevelAccess": Field(
            wire="iamConfiguration.uniformBucketLevelAccess.enabled", computed=True, zero=True
        ),
        "versioning": Field(shape="block", fields=several("enabled", zero=True)),
        "softDeletePolicy": Field(
            shape="block", computed=True, fields=several("retentionDurationSeconds", encode=str, decode=int)
        ),
        "lifecycleRules": Field(wire="lifecycle.rule", shape="blocks", fields=_RULE),
        **several("rpo selfLink timeCreated updated", output=True),
        "projectNumber": Field(output=True, decode=int),
        "url": Field(wire="name", output=True, decode="gs://{}".format),
    },
    identity="{name}",
    create=(_storage("POST", "b", query={**_GO, "project": "{project}"}, body=itemgetter("given")),),
    read=(_storage("GET", "b/{name}"),),
    update=(_storage("PATCH", "b/{name}", body=itemgetter("changed")),),
    delete=(
        _storage("GET", "b/{name}/anywhereCaches/", query={"alt": "json"}, gone=True),
        _storage("GET", "b/{name}/o", query={**_GO, "versions": "true"}),
        _storage(
            "DELETE", "b/{name}/o/{object}", query={**_GO, "generation": "{generation}"}, each=_versions, gone=True
        ),
        _storage("DELETE", "b/{name}", gone=True),
    ),
    named=True,
)

BUCKET_OBJECT = ResourceType(
    fields={
        **KEPT,
        "bucket": Field(replaces=True),
        "name": Field(replaces=True, sent=False),
        "source": Field(local=True, replaces=True),
        **several("cacheControl contentDisposition contentEncoding contentLanguage contentType", replaces=True),
        **several("kmsKeyName storageClass", replaces=True, computed=True),
        "metadata": Field(shape="map", replaces=True),
        "forceEmptyContentType": Field(local=True, replaces=True),
        "detectMd5hash": Field(
            wire="md5Hash", sent=False, default="different hash", normal=lambda _: None, follows="source"
        ),
        "crc32c": Field(output=True, follows="source"),
        "generation": Field(output=True, follows="source", decode=int),
        "md5hash": Field(wire="md5Hash", output=True, follows="source"),
        "md5hexhash": Field(wire="md5Hash", output=True, decode=lambda text: base64.b64decode(text).hex()),
        "outputName": Field(wire="name", output=True),
        **several("mediaLink selfLink", output=True),
    },
    identity="{bucket}-{name}",
    create=(
        _storage(
            "POST",
            "b/{bucket}/o",
            api="upload",
            query={**_GO, "name": "{name}"},
            body=itemgetter("plan"),
            source="source",
        ),
    ),
    read=(_storage("GET", "b/{bucket}/o/{name}"),),
    delete=(_storage("DELETE", "b/{bucket}/o/{name}", gone=True),),
    named=True,
)

GET_PROJECT = LookUp(
    fields={
        **several("projectId name"),
        "number": Field(wire="projectNumber"),
        "id": Field(wire="projectId", decode="projects/{}".format),
    },
    read=(replace(_PROJECT, path="projects/{projectId}"),),
)
