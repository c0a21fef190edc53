"""E-mail when sign-ins fail: a notification channel, an alert on log lines, an uptime check and its alert."""

from dataclasses import dataclass
from urllib.parse import urlsplit

import pulumi
from pulumi_gcp import monitoring


@dataclass(frozen=True, kw_only=True)
class AlertsArgs:
    """The address of alerts (``email``), and what they watch: the name, origin and project of a Cloud Run service."""

    email: pulumi.Input[str]
    title: str
    service_name: pulumi.Input[str]
    url: pulumi.Input[str]
    project: pulumi.Input[str]


class Alerts(pulumi.ComponentResource):
    """Alerts for one token proxy.

    The log alert fires on failures that you must act on: TikTok refuses the app, cannot be reached or fails, or the
    proxy or Cloud Run does. The uptime alert fires when ``/health`` fails from more than one place.
    """

    def __init__(self, name: str, args: AlertsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("tiktok-login:index:Alerts", name, {}, opts)
        self._name, self._args, self._opts = name, args, pulumi.ResourceOptions(parent=self)
        channel = monitoring.NotificationChannel(
            f"{name}-email",
            type="email",
            display_name=args.title,
            labels={"email_address": args.email},
            project=args.project,
            opts=self._opts,
        )
        self._alert_on_log(channel)
        self._alert_on_uptime(channel)
        self.register_outputs({})

    def _alert_on_log(self, channel: monitoring.NotificationChannel) -> None:
        monitoring.AlertPolicy(
            f"{self._name}-failures",
            display_name=f"{self._args.title}: sign-ins fail",
            combiner="OR",
            conditions=[
                {
                    "display_name": "The token proxy reports a failure to act on",
                    "condition_matched_log": {
                        "filter": pulumi.Output.from_input(self._args.service_name).apply(filter_failures)
                    },
                }
            ],
            # An alert on log lines must have a rate limit; an alert on a metric must not.
            alert_strategy={"notification_rate_limit": {"period": "3600s"}, "auto_close": "86400s"},
            notification_channels=[channel.name],
            project=self._args.project,
            opts=self._opts,
        )

    def _alert_on_uptime(self, channel: monitoring.NotificationChannel) -> None:
        monitoring.AlertPolicy(
            f"{self._name}-down",
            display_name=f"{self._args.title}: the token proxy is down",
            combiner="OR",
            conditions=[
                {
                    "display_name": "/health fails from more than one place",
                    "condition_threshold": _more_than_one_failure(self._check_uptime()),
                }
            ],
            alert_strategy={"auto_close": "1800s"},
            notification_channels=[channel.name],
            project=self._args.project,
            opts=self._opts,
        )

    def _check_uptime(self) -> monitoring.UptimeCheckConfig:
        host = pulumi.Output.from_input(self._args.url).apply(_host)
        return monitoring.UptimeCheckConfig(
            f"{self._name}-uptime",
            display_name=self._args.title,
            timeout="10s",
            period="300s",
            http_check={
                "path": "/health",
                "port": 443,
                "use_ssl": True,
                "validate_ssl": True,
                "request_method": "GET",
            },
            monitored_resource={"type": "uptime_url", "labels": {"project_id": self._args.project, "host": host}},
            project=self._args.project,
            opts=self._opts,
        )


def _more_than_one_failure(
    check: monitoring.UptimeCheckConfig,
) -> monitoring.AlertPolicyConditionConditionThresholdArgsDict:
    """Return the condition that an uptime check fails from more than one of its places."""
    return {
        "filter": pulumi.Output.concat(
            'metric.type = "monitoring.googleapis.com/uptime_check/check_passed" AND '
            'resource.type = "uptime_url" AND metric.labels.check_id = "',
            check.uptime_check_id,
            '"',
        ),
        "comparison": "COMPARISON_GT",
        "duration": "60s",
        "threshold_value": 1,
        "trigger": {"count": 1},
        "aggregations": [
            {
                "alignment_period": "1200s",
                "per_series_aligner": "ALIGN_NEXT_OLDER",
                "cross_series_reducer": "REDUCE_COUNT_FALSE",
                "group_by_fields": ["resource.label.host"],
            }
        ],
    }


def filter_failures(service_name: str) -> str:
    """Return the log filter of failures to act on.

    It leaves out what the person who signs in can cause (a used code, a refusal) and what strangers can (wrong
    credentials, malformed requests). The text has no line breaks, because Google compares filters as text.
    """
    return (
        f'resource.type = "cloud_run_revision" AND resource.labels.service_name = "{service_name}" AND '
        "(httpRequest.status >= 500 OR "
        '(jsonPayload.outcome : "TikTokRefused" AND NOT jsonPayload.outcome = "TikTokRefusedGrant"))'
    )


def _host(url: str) -> str:
    return urlsplit(url).hostname or ""
