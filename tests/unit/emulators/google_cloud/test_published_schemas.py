"""The comparison with Google's discovery documents finds what is wrong.

conftest.py applies it to every exchange of these tests.
"""

import json
from typing import Any

import pytest

from emulators.kit.recording import Exchange
from tests.support.schemas.google import violations

_SERVICES = "/v2/projects/p/locations/l/services"


def _exchange(
    method: str,
    path: str,
    request: object = None,
    answer: object = None,
    **given: Any,  # noqa: ANN401  # as Exchange takes it
) -> Exchange:
    return Exchange(
        method=method,
        path=path,
        query=given.get("query", []),
        request_headers=given.get("headers", {}),
        request_body=json.dumps(request).encode() if request is not None else b"",
        status=given.get("status", 200),
        response_body=json.dumps(answer).encode() if answer is not None else b"",
    )


@pytest.mark.parametrize(
    ("exchange", "found"),
    [
        (_exchange("GET", "/v1/nothing"), "GET /v1/nothing: unknown"),
        (_exchange("GET", "/v1/projects/p", query=[("colour", "red")]), "query: colour is unknown"),
        (_exchange("GET", "/storage/v1/b/b/o", query=[("versions", "yes")]), "query: versions=yes is no boolean"),
        (_exchange("GET", "/storage/v1/b", query=[("maxResults", "few")]), "query: maxResults=few is no integer"),
        (_exchange("POST", "/storage/v1/b", {"nom": "b"}), "request: $: Additional properties are not allowed"),
        (_exchange("GET", "/storage/v1/b/b", None, {"metageneration": 1}), "1 is not of type 'string'"),
        (_exchange("GET", "/storage/v1/b/b", None, {"timeCreated": "today"}), "'today' does not match"),
        (_exchange("GET", f"{_SERVICES}/s", None, {"ingress": "ALL"}), "'ALL' is not one of"),
        (_exchange("GET", f"{_SERVICES}/s", None, {"uri": None}), "None is not of type 'string'"),
        (
            _exchange("DELETE", f"{_SERVICES}/s", None, {"response": {"@type": "t", "url": "u"}}),
            "outcome: $: Additional properties are not allowed ('url' was unexpected)",
        ),
        (_exchange("GET", "/v1/projects/p", None, {"error": {"code": 404, "message": "m"}}, status=403), "status 403"),
    ],
)
def test_a_violation_is_found(exchange: Exchange, found: str) -> None:
    assert [found in line for line in violations([exchange])] == [True]


def test_the_metadata_of_an_upload_is_read_out_of_its_body() -> None:
    body = b'--x\r\nContent-Type: application/json\r\n\r\n{"colour": "red"}\r\n--x\r\n\r\n\r\nbytes\r\n--x--'
    upload = _exchange("POST", "/upload/storage/v1/b/b/o", headers={"content-type": "multipart/related; boundary=x"})
    upload.request_body = body

    assert "'colour' was unexpected" in violations([upload])[0]


def test_null_in_a_request_means_that_it_is_unset() -> None:
    service = {"template": {"containers": [{"startupProbe": {"grpc": None}}]}}

    assert violations([_exchange("PATCH", f"{_SERVICES}/s", service, {"name": "n"})]) == []
