"""Creates, reads, updates and deletes resources by sending the requests of their type's description."""

import threading
import time
from collections.abc import Generator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from rehearsal.stand_in_plugins.description import Function, Request, ResourceType
from rehearsal.stand_in_plugins.http_client import ApiClient, ApiError
from rehearsal.stand_in_plugins.planning import drop_unknowns, fill_template, plan_state
from rehearsal.stand_in_plugins.properties import Properties, Value, is_object
from rehearsal.stand_in_plugins.translation import from_api, mark_secrets, parse_id, to_api, to_state

_POLL_SECONDS = 0.05
_OPERATION_SECONDS = 1200  # as the released plugin waits for Cloud Run


class PartialFailureError(Exception):
    """The resource was created or changed before something failed, so the engine must keep ``state``."""

    def __init__(self, resource_id: str, state: Properties, reason: str) -> None:
        super().__init__(reason)
        self.resource_id = resource_id
        self.state = state  # with its secrets marked


@dataclass(kw_only=True)
class Lifecycle:
    """The operations of a configured plugin."""

    api: ApiClient
    config: Properties  # the values of the provider's configuration that resources take
    _serial: threading.Lock = field(default_factory=threading.Lock)

    def create(self, kind: ResourceType, news: Properties) -> tuple[str, Properties]:
        """Create the resource and return its id and state."""
        plan = drop_unknowns(plan_state(kind.fields, None, news, self.config))
        scope = self._scope(kind, "", plan) | {"given": to_api(kind.fields, news), "plan": to_api(kind.fields, plan)}
        with self._lock(kind), _partial_failures(kind, scope, plan):
            self._send_all(kind.create, scope)
            resource_id = _format_id(kind, scope)
            state = self.read(kind, resource_id, plan, created=True)
            if state is None:
                raise ApiError(f"{resource_id} was created, but does not exist")
        return resource_id, state

    def read(
        self, kind: ResourceType, resource_id: str, last: Properties | None, *, created: bool = False
    ) -> Properties | None:
        """Return the state that the API has, or None if the resource is gone; ``last`` is the last known state."""
        try:
            document = self._send_all(kind.read, self._scope(kind, resource_id, last or {}))
        except ApiError as error:
            if error.status == HTTPStatus.NOT_FOUND:
                return None
            raise ApiError(kind.read_error_prefix.format(id=resource_id) + str(error), error.status) from None
        if document is None:
            return None
        values = from_api(kind.fields, document, last)
        config = self.config | parse_id(kind.id_format, resource_id)
        return {"id": resource_id} | to_state(kind.fields, values, config, last, created=created)

    def update(
        self, kind: ResourceType, resource_id: str, olds: Properties, news: Properties, *, changed: list[str]
    ) -> Properties:
        """Change the resource and return its state; raise ``LookupError`` if it is gone."""
        plan = drop_unknowns(plan_state(kind.fields, olds, news, self.config))
        mutable = {name: field for name, field in kind.fields.items() if not field.replaces}
        differing = to_api({name: field for name, field in mutable.items() if name in changed}, plan)
        scope = self._scope(kind, resource_id, plan) | {
            "given": to_api(mutable, news),
            "plan": to_api(mutable, plan),
            "changed": differing,
            "update_mask": ",".join(differing),
        }
        with self._lock(kind), _partial_failures(kind, scope, plan):
            if changed or not kind.skip_empty_update:
                self._send_all(kind.update, scope)
            state = self.read(kind, resource_id, plan)
        if state is None:
            raise LookupError(resource_id)
        return state

    def delete(self, kind: ResourceType, resource_id: str, olds: Properties) -> None:
        """Delete the resource, unless its guard refuses; it is no error if it is gone already."""
        guard = kind.deletion_guard
        if guard and olds.get(guard):
            raise ApiError(f"cannot destroy {resource_id} without setting {guard} to false and running `pulumi up`")
        with self._lock(kind):
            self._send_all(kind.delete, self._scope(kind, resource_id, olds))

    def call(self, function: Function, arguments: Properties) -> Properties:
        """Return the answer of a provider function."""
        document = self._send_all(function.read, self.config | arguments) or {}
        return from_api(function.fields, document, {})

    def _lock(self, kind: ResourceType) -> AbstractContextManager[Any]:
        return self._serial if kind.serial else nullcontext()

    def _scope(self, kind: ResourceType, resource_id: str, values: Properties) -> Properties:
        normal = {name: kind.fields[name].normalize(value) for name, value in values.items() if name in kind.fields}
        return self.config | parse_id(kind.id_format, resource_id) | normal | {"id": resource_id}

    def _send_all(self, requests: tuple[Request, ...], scope: Properties) -> Properties | None:
        """Return the members of all answers in one document, or None if a request selects nothing."""
        document: Properties = {}
        for request in requests:
            if request.skip_if and request.skip_if(scope):
                continue
            for item in request.for_each(scope) if request.for_each else [{}]:
                scope["answer"] = self._send(request, scope | item)
                if request.method != "GET":
                    scope["written"] = scope["answer"] or {}
                if request.operation_error:
                    self._wait_for_operation(request, scope["answer"])
            selected = request.select(scope) if request.select else scope.get("answer")
            if selected is None and request.select:
                return None
            document |= selected if is_object(selected) else {}
        return document

    def _send(self, request: Request, scope: Properties) -> Value:
        quoted = {name: quote(str(value), safe=request.safe) for name, value in scope.items()}
        url = self.api.base_url(request.api) + request.path.format_map(quoted)
        query = {key: value.format_map(scope) for key, value in request.query.items()}
        body: Value = request.body(scope) if request.body else None
        try:
            if request.upload:
                answer = self.api.upload(url, query, body, scope[request.upload])
            else:
                answer = self.api.send(request.method, url, query=query, **({} if body is None else {"json": body}))
        except ApiError as error:
            if request.ignore_404 and error.status == HTTPStatus.NOT_FOUND:
                return None
            raise
        return answer.json() if answer.content else None

    def _wait_for_operation(self, request: Request, operation: Properties | None) -> None:
        deadline = time.monotonic() + _OPERATION_SECONDS
        while operation and not operation.get("done"):
            if self.api.cancelled.wait(_POLL_SECONDS) or time.monotonic() > deadline:
                raise ApiError(f"{request.operation_error}: stopped waiting for {operation['name']}")
            url = self.api.base_url(request.api) + operation["name"]
            operation = self.api.send("GET", url, query={"alt": "json"}).json()
        if operation and (error := operation.get("error")):
            raise ApiError(f"{request.operation_error}: Error code {error['code']}, message: {error['message']}")


def _format_id(kind: ResourceType, scope: Properties) -> str:
    """Return the id: the one that the API returned, or made of the resource's values."""
    return str(fill_template(kind.id_format, scope | {"id": scope.get("written", {}).get(kind.id_member, "")}))


@contextmanager
def _partial_failures(kind: ResourceType, scope: Properties, plan: Properties) -> Generator[None]:
    """Raise a ``PartialFailureError`` if the block fails after the resource exists."""
    try:
        yield
    except ApiError as error:
        resource_id = scope["id"] or ("written" in scope and _format_id(kind, scope))
        if not resource_id:
            raise
        state = mark_secrets(kind.fields, plan) | {"id": resource_id}
        raise PartialFailureError(resource_id, state, str(error)) from None
