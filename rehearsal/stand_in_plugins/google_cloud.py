"""The gcp provider's resource types for enabled APIs, service accounts and buckets.

https://www.pulumi.com/registry/packages/gcp/ and https://cloud.google.com/storage/docs/json_api
"""

import base64
from dataclasses import replace
from functools import partial
from operator import itemgetter

from rehearsal.stand_in_plugins.description import Field, Fields, Function, Request, ResourceType, Scope, define_fields
from rehearsal.stand_in_plugins.http_client import ApiError
from rehearsal.stand_in_plugins.properties import Properties

GO_QUERY = {"alt": "json", "prettyPrint": "false"}  # Google's Go clients add this to every request
PROJECT: Fields = {"project": Field(state_only=True, computed=True, replaces=True, template="{own_project}")}
DELETION_POLICY: Fields = {"deletionPolicy": Field(state_only=True, state_default="DELETE")}
LABELS: Fields = {
    "labels": Field(shape="map", own_keys=True),
    "effectiveLabels": Field(api_path="labels", shape="map", output=True, changes_with="labels", copies=True),
    "pulumiLabels": Field(
        api_path="labels", shape="map", output=True, own_keys=True, changes_with="labels", copies=True
    ),
}


def _is_enabled(scope: Scope) -> bool:
    names = [entry["name"].rpartition("/")[2] for entry in scope["answer"].get("services", [])]
    return scope["service"] in names


def _select_enabled(scope: Scope) -> Properties | None:
    return {} if _is_enabled(scope) else None


_usage = partial(Request, api="serviceUsage", query=GO_QUERY)
_PROJECT = Request("GET", "projects/{project}", api="resourceManager", query=GO_QUERY)
_LIST = _usage(
    "GET",
    "projects/{project}/services",
    query={**GO_QUERY, "fields": "services/name,nextPageToken", "filter": "state:ENABLED", "pageSize": "200"},
)
_ENABLE = _usage("POST", "projects/{project}/services/{service}:enable", body=lambda _: {}, skip_if=_is_enabled)
SERVICE = ResourceType(
    fields={
        **PROJECT,
        **DELETION_POLICY,
        "service": Field(state_only=True, replaces=True),
        **define_fields("disableOnDestroy disableDependentServices", state_only=True),
    },
    id_format="{project}/{service}",
    create=(_LIST, _ENABLE, _LIST),
    read=(_PROJECT, replace(_LIST, select=_select_enabled)),
)


def _create_body(scope: Scope) -> Properties:
    return {"accountId": scope["accountId"], "serviceAccount": scope["plan"]}


def _update_body(scope: Scope) -> Properties:
    account = scope["plan"] | {"etag": scope["answer"]["etag"]}
    return {"serviceAccount": account, "updateMask": "display_name,description"}


_account = partial(Request, path="projects/{project}/serviceAccounts/{email}", api="iamBeta", query=GO_QUERY)
ACCOUNT = ResourceType(
    fields={
        **PROJECT,
        **DELETION_POLICY,
        "accountId": Field(api_path="email", replaces=True, sent=False, decode=lambda email: email.partition("@")[0]),
        **define_fields("displayName description"),
        "disabled": Field(sent=False, state_default=False),
        "email": Field(output=True, template="{accountId}@{project}.iam.gserviceaccount.com"),
        "member": Field(state_only=True, output=True, template="serviceAccount:{email}"),
        **define_fields("name uniqueId", output=True),
    },
    id_format="projects/{project}/serviceAccounts/{email}",
    create=(_account("POST", path="projects/{project}/serviceAccounts", body=_create_body),),
    read=(_account("GET"),),
    update=(_account("GET"), _account("PATCH", body=_update_body)),
    delete=(_account("DELETE", ignore_404=True),),
)


def _list_versions(scope: Scope) -> list[Properties]:
    versions: list[Properties] = scope["answer"].get("items", [])
    if versions and not scope.get("forceDestroy"):
        raise ApiError(
            f"Error trying to delete bucket {scope['id']} containing objects without `force_destroy` set to true"
        )
    return [{"object": version["name"], "generation": version["generation"]} for version in versions]


_CONDITIONS = "age createdBefore daysSinceCustomTime daysSinceNoncurrentTime matchesPrefix numNewerVersions"
_RULE: Fields = {
    "action": Field(shape="block", fields=define_fields("type storageClass")),
    "condition": Field(shape="block", fields=define_fields(_CONDITIONS)),
}
_storage = partial(Request, api="storage", query=GO_QUERY)
BUCKET = ResourceType(
    fields={
        **LABELS,
        **DELETION_POLICY,
        "project": Field(state_only=True, replaces=True, computed=True),
        "name": Field(replaces=True),
        "location": Field(replaces=True, normalize=str.upper, state_normalized=True),
        "enableObjectRetention": Field(state_only=True, replaces=True),
        "hierarchicalNamespace": Field(shape="block", state_only=True, state_default={}, replaces=True),
        "storageClass": Field(default="STANDARD"),
        "forceDestroy": Field(state_only=True),
        "publicAccessPrevention": Field(api_path="iamConfiguration.publicAccessPrevention", computed=True),
        "uniformBucketLevelAccess": Field(
            api_path="iamConfiguration.uniformBucketLevelAccess.enabled", computed=True, send_empty=True
        ),
        "versioning": Field(shape="block", fields=define_fields("enabled", send_empty=True)),
        "softDeletePolicy": Field(
            shape="block", computed=True, fields=define_fields("retentionDurationSeconds", encode=str, decode=int)
        ),
        "lifecycleRules": Field(api_path="lifecycle.rule", shape="blocks", fields=_RULE),
        **define_fields("rpo selfLink timeCreated updated", output=True),
        "projectNumber": Field(output=True, decode=int),
        "url": Field(api_path="name", output=True, decode="gs://{}".format),
    },
    id_format="{name}",
    create=(_storage("POST", "b", query={**GO_QUERY, "project": "{project}"}, body=itemgetter("given")),),
    read=(_storage("GET", "b/{name}"),),
    update=(_storage("PATCH", "b/{name}", body=itemgetter("changed")),),
    delete=(
        _storage("GET", "b/{name}/anywhereCaches/", query={"alt": "json"}, ignore_404=True),
        _storage("GET", "b/{name}/o", query={**GO_QUERY, "versions": "true"}),
        _storage(
            "DELETE",
            "b/{name}/o/{object}",
            query={**GO_QUERY, "generation": "{generation}"},
            for_each=_list_versions,
            ignore_404=True,
        ),
        _storage("DELETE", "b/{name}", ignore_404=True),
    ),
    unique_name=True,
)

BUCKET_OBJECT = ResourceType(
    fields={
        **DELETION_POLICY,
        "bucket": Field(replaces=True),
        "name": Field(replaces=True, sent=False),
        "source": Field(state_only=True, replaces=True),
        **define_fields("cacheControl contentDisposition contentEncoding contentLanguage contentType", replaces=True),
        **define_fields("kmsKeyName storageClass", replaces=True, computed=True),
        "metadata": Field(shape="map", replaces=True),
        "forceEmptyContentType": Field(state_only=True, replaces=True),
        "detectMd5hash": Field(
            api_path="md5Hash", sent=False, default="different hash", normalize=lambda _: None, changes_with="source"
        ),
        "crc32c": Field(output=True, changes_with="source"),
        "generation": Field(output=True, changes_with="source", decode=int),
        "md5hash": Field(api_path="md5Hash", output=True, changes_with="source"),
        "md5hexhash": Field(api_path="md5Hash", output=True, decode=lambda text: base64.b64decode(text).hex()),
        "outputName": Field(api_path="name", output=True),
        **define_fields("mediaLink selfLink", output=True),
    },
    id_format="{bucket}-{name}",
    create=(
        _storage(
            "POST",
            "b/{bucket}/o",
            api="upload",
            query={**GO_QUERY, "name": "{name}"},
            body=itemgetter("plan"),
            upload="source",
        ),
    ),
    read=(_storage("GET", "b/{bucket}/o/{name}"),),
    delete=(_storage("DELETE", "b/{bucket}/o/{name}", ignore_404=True),),
    unique_name=True,
)

GET_PROJECT = Function(
    fields={
        **define_fields("projectId name"),
        "number": Field(api_path="projectNumber"),
        "id": Field(api_path="projectId", decode="projects/{}".format),
    },
    read=(replace(_PROJECT, path="projects/{projectId}"),),
)

RESOURCES = {
    "gcp:projects/service:Service": SERVICE,
    "gcp:serviceaccount/account:Account": ACCOUNT,
    "gcp:storage/bucket:Bucket": BUCKET,
    "gcp:storage/bucketObject:BucketObject": BUCKET_OBJECT,
}
FUNCTIONS = {"gcp:organizations/getProject:getProject": GET_PROJECT}
