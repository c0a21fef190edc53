"""Compares a stand-in plugin with a recording; what is left out has its reason beside it."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from rehearsal.stand_in_plugins.properties import SIGNATURE, is_array, is_object

Sent = dict[str, Any]
# https://auth0.com/docs/authenticate/identity-providers/social-identity-providers/oauth2
_OAUTH2 = (
    "clientId|clientSecret|authorizationEndpoint|tokenEndpoint|scopes|setUserRootAttributes|nonPersistentAttrs|iconUrl|"
    "pkceEnabled|scripts|upstreamParams|customHeaders|useOauthSpecScope|strategyVersion|email|"
    "authParams|configuration|customScripts"
)
_UNUSED = "no stand-in resource sets it and no program of ours reads it"

# Regular expressions of "method type path" that are not compared, with the reason.
ANSWERS_LEFT_OUT = {
    r".* properties\.__meta": "the Terraform bridge's bookkeeping: time-outs and schema versions",
    r".* properties\.__pulumi_raw_state_delta(\..*)?": "the same: how Pulumi's state becomes Terraform's",
    rf".*:Connection properties\.options\.(?!({_OAUTH2})$).*": "options of other strategies than oauth2",
    r".*:Bucket properties\.softDeletePolicy\.effectiveTime": _UNUSED,
    r".*:Bucket properties\.website": _UNUSED,
    r".*:BucketObject properties\.(content|customerEncryption)(\..*)?": _UNUSED,
    r".*:Service properties\.template\.containers\[0\]\.buildInfos": _UNUSED,
    r".*:Service properties\.effectiveAnnotations": _UNUSED,
    r".* properties\.lifecycleRules\[0\]\.condition\.withState": "another name of isLive, which the bridge fills in",
    r"Invoke auth0:index/getClient:getClient return\.clientSecret": "one secret would make the whole answer secret",
    r"Invoke auth0:index/getClient:getClient return\.(defaultOrganizations|jwtConfigurations|signingKeys)": _UNUSED,
    r"Invoke auth0:index/getClient:getClient return\.skipNonVerifiableCallbackUriConfirmationPrompt": _UNUSED,
    r"Diff gcp:storage/bucket:Bucket detailedDiff\.lifecycleRules\[0\]\.condition\.(?!daysSinceNoncurrentTime).*": (
        "a changed element of a Terraform set lists its zero fields too"
    ),
}

# Recorded errors that newer releases do not answer, as regular expressions of "method type: error", with the reason.
ERRORS_NO_LONGER_ANSWERED = {
    r"Read \S+:ConnectionClient: .*\* 404 Not Found: The connection does not exist\s*": (
        "from 1.54 on the auth0 provider drops a ConnectionClient whose connection is gone from the state"
    ),
}

# After a partial failure the state has null where Terraform plans {} or an unknown value; the bridge lists that as ADD.
# The engine updates such a resource in any case.
_NULL_TO_EMPTY = (
    r"options\.(authParams|configuration|customScripts)|template\.(annotations|labels)|"
    r"conditions|effectiveAnnotations|terminalConditions|trafficStatuses|urls"
)


def drop_empty_additions(diff: Sent) -> Sent:
    """Return an answer to Diff as no change if all that it lists are changes from null to empty."""
    if all(re.fullmatch(_NULL_TO_EMPTY, path) for path in diff.get("detailedDiff", {})):
        return {**diff, "detailedDiff": {}, "diffs": [], "changes": "DIFF_NONE"}
    return diff


def compare_answers(where: str, ours: Any, theirs: Any, path: str = "") -> Iterator[str]:  # noqa: ANN401  # JSON
    """Yield where our answer differs from theirs; missing and empty values are equal."""
    if any(re.fullmatch(pattern, f"{where} {path}") for pattern in ANSWERS_LEFT_OUT):
        return
    if is_object(ours) and is_object(theirs):
        for name in sorted(ours.keys() | theirs.keys()):
            steps = f"{path}.{name}" if path else name
            yield from compare_answers(where, ours.get(name), theirs.get(name), steps)
    elif is_array(ours) and is_array(theirs) and len(ours) == len(theirs):
        for place, (mine, yours) in enumerate(zip(ours, theirs, strict=True)):
            yield from compare_answers(where, mine, yours, f"{path}[{place}]")
    elif ours != theirs and not (_empty(ours) and _empty(theirs)):
        yield f"{where} {path}: {ours!r} is not {theirs!r}"


def compare_requests(ours: Iterable[Sent], theirs: Iterable[Sent]) -> Iterator[str]:
    """Yield where our requests differ from theirs.

    Left out: the order of requests to different addresses and the number of equal GETs in a row (the engine works in
    parallel, the replay does not, and the released plugins poll to be sure), the order of a container's environment
    (Terraform keeps a set), a boundary, the bytes of an archive (made up; their number is compared), and every header
    but the scheme of Authorization and the Content-Type of a body.
    """
    mine, yours = _by_address(ours), _by_address(theirs)
    for address in sorted(mine.keys() | yours.keys()):
        if mine[address] != yours[address]:
            yield f"{address}: sent {mine[address]!r}, recorded {yours[address]!r}"


def _by_address(requests: Iterable[Sent]) -> dict[str, list[Sent]]:
    by_address: dict[str, list[Sent]] = defaultdict(list)
    for request in requests:
        compared = {
            name: _unordered(request[name]) for name in ("method", "authorization", "content_type", "request_body")
        }
        rows = by_address[f"{request['path']} {sorted(request['query'].items())}"]
        if compared["method"] != "GET" or rows[-1:] != [compared]:
            rows.append(compared)
    return by_address


def _unordered(value: Any) -> Any:  # noqa: ANN401  # JSON
    if is_array(value):
        rows = [_unordered(item) for item in value]
        named = all(is_object(row) and row.keys() == {"name", "value"} for row in rows)
        return sorted(rows, key=lambda row: row["name"]) if named else rows
    if is_object(value):
        return {name: _unordered(item) for name, item in value.items() if name != "sha256"}
    return value


def _empty(value: Any) -> bool:  # noqa: ANN401  # JSON
    if is_object(value):
        return all(_empty(item) for name, item in value.items() if name != SIGNATURE)
    return value in (None, "", 0, False) or value == []
