"""The gcp provider's resource types for Cloud Monitoring: notification channels, alert policies and uptime checks.

They follow the published provider's schema and the API's reference; no recording covers them.

https://www.pulumi.com/registry/packages/gcp/api-docs/monitoring/ and
https://docs.cloud.google.com/monitoring/api/ref_v3/rest
"""

from collections.abc import Mapping
from functools import partial
from operator import itemgetter

from rehearsal.stand_in_plugins.description import Field, Fields, Request, ResourceType, define_fields
from rehearsal.stand_in_plugins.google_cloud import DELETION_POLICY, GO_QUERY

_monitoring = partial(Request, api="monitoring", query=GO_QUERY, safe="@/")
_COMMON: Fields = {
    **DELETION_POLICY,
    "project": Field(state_only=True, computed=True, replaces=True, template="{own_project}"),
    "name": Field(output=True),
    "userLabels": Field(shape="map"),
    "displayName": Field(),
}


def _describe(collection: str, fields: Fields, update_query: Mapping[str, str]) -> ResourceType:
    return ResourceType(
        fields={**_COMMON, **fields},
        id_format="{id}",
        id_member="name",
        create=(_monitoring("POST", f"v3/projects/{{project}}/{collection}", body=itemgetter("plan")),),
        read=(_monitoring("GET", "v3/{id}"),),
        update=(_monitoring("PATCH", "v3/{id}", query=update_query, body=itemgetter("plan")),),
        delete=(_monitoring("DELETE", "v3/{id}", ignore_404=True),),
        serial=True,  # the released provider writes one at a time, too
    )


_AGGREGATION = define_fields("alignmentPeriod perSeriesAligner crossSeriesReducer groupByFields")
_THRESHOLD: Fields = {
    **define_fields("filter comparison duration thresholdValue evaluationMissingData denominatorFilter"),
    "trigger": Field(shape="block", fields=define_fields("count percent")),
    "aggregations": Field(shape="blocks", fields=_AGGREGATION),
}
_CONDITION: Fields = {
    "name": Field(output=True),
    "displayName": Field(),
    "conditionThreshold": Field(shape="block", fields=_THRESHOLD),
    "conditionMatchedLog": Field(shape="block", fields={"filter": Field(), "labelExtractors": Field(shape="map")}),
}
_STRATEGY: Fields = {
    "autoClose": Field(),
    "notificationPrompts": Field(computed=True),
    "notificationRateLimit": Field(shape="block", fields=define_fields("period")),
}
_HTTP: Fields = {
    **define_fields("path requestMethod", computed=True),
    "port": Field(computed=True),
    **define_fields("useSsl validateSsl"),
}
_MASKED = {**GO_QUERY, "updateMask": "{update_mask}"}

RESOURCES = {
    "gcp:monitoring/notificationChannel:NotificationChannel": _describe(
        "notificationChannels",
        {
            "type": Field(),
            "description": Field(),
            "enabled": Field(default=True, send_empty=True),
            "labels": Field(shape="map"),
            "verificationStatus": Field(output=True),
            "forceDelete": Field(state_only=True, state_default=False),
        },
        GO_QUERY,
    ),
    "gcp:monitoring/alertPolicy:AlertPolicy": _describe(
        "alertPolicies",
        {
            **define_fields("combiner severity notificationChannels"),
            "enabled": Field(default=True, send_empty=True),
            "conditions": Field(shape="blocks", fields=_CONDITION),
            "alertStrategy": Field(shape="block", fields=_STRATEGY),
        },
        _MASKED,
    ),
    "gcp:monitoring/uptimeCheckConfig:UptimeCheckConfig": _describe(
        "uptimeCheckConfigs",
        {
            "timeout": Field(),
            "period": Field(default="300s"),
            "checkerType": Field(computed=True),
            "httpCheck": Field(shape="block", fields=_HTTP),
            "monitoredResource": Field(
                shape="block",
                replaces=True,
                fields={"type": Field(), "labels": Field(shape="map")},
            ),
            "uptimeCheckId": Field(api_path="name", output=True, decode=lambda name: name.rpartition("/")[2]),
        },
        _MASKED,
    ),
}
