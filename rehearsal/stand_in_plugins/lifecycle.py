"""One engine for every resource type: it carries out the requests that the type is described with."""

import threading
import time
from collections.abc import Generator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from rehearsal.stand_in_plugins.api import Api, Refused
from rehearsal.stand_in_plugins.description import LookUp, Request, ResourceType
from rehearsal.stand_in_plugins.planning import concealed, filled, known, planned, stated
from rehearsal.stand_in_plugins.properties import Properties, Value, is_object
from rehearsal.stand_in_plugins.translation import from_wire, identified, to_wire
from rehearsal.stand_in_plugins.upload import upload

_POLL_SECONDS = 0.05
_OPERATION_SECONDS = 1200  # as the released plugin waits for Cloud Run


class HalfDoneError(Exception):
    """The resource was made or changed, and then something failed; the engine must not forget it."""

    def __init__(self, identity: str, state: Properties, reason: str) -> None:
        """Remember what the engine has to keep; secrets in ``state`` are sealed."""
        super().__init__(reason)
        self.identity = identity
        self.state = state


@dataclass(kw_only=True)
class Lifecycle:
    """What a configured provider does to resources, over HTTP."""

    api: Api
    bases: Mapping[str, str]  # where each of the vendor's APIs lies
    config: Properties
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def create(self, kind: ResourceType, news: Properties) -> tuple[str, Properties]:
        """Make the resource and return its id and state; where it fails halfway, raise ``HalfDoneError``."""
        plan = known(planned(kind.fields, None, news, self.config))
        scope = self._scope(kind, "", plan) | {"given": to_wire(kind.fields, news), "plan": to_wire(kind.fields, plan)}
        with self._alone(kind), _keeping(kind, scope, plan):
            self._perform(kind.create, scope)
            identity = _identity(kind, scope)
            state = self.read(kind, identity, plan)
            if state is None:
                raise Refused(f"{identity} was made, but is not there")
        return identity, state

    def read(self, kind: ResourceType, identity: str, like: Properties | None) -> Properties | None:
        """Return the state as the API has it, or None when the resource is gone; ``like`` is the last known state."""
        try:
            wire = self._perform(kind.read, self._scope(kind, identity, like or {}))
        except Refused as refusal:
            if refusal.status == HTTPStatus.NOT_FOUND and not kind.insists:
                return None
            raise Refused(kind.reading.format(id=identity) + str(refusal), refusal.status) from None
        if wire is None:
            return None
        values = from_wire(kind.fields, wire, like)
        return {"id": identity} | stated(kind.fields, values, self.config | identified(kind.identity, identity), like)

    def update(
        self, kind: ResourceType, identity: str, olds: Properties, news: Properties, *, changed: list[str]
    ) -> Properties:
        """Change the resource and return its state; where the API refuses, ``HalfDoneError`` holds the planned one."""
        plan = known(planned(kind.fields, olds, news, self.config))
        fixed = {name: field for name, field in kind.fields.items() if not field.replaces}
        some = {name: field for name, field in fixed.items() if name in changed}
        scope = self._scope(kind, identity, plan) | {
            "given": to_wire(fixed, news),
            "plan": to_wire(fixed, plan),
            "changed": to_wire(some, plan),
        }
        with self._alone(kind), _keeping(kind, scope, plan):
            if changed or not kind.idle:
                self._perform(kind.update, scope)
            state = self.read(kind, identity, plan)
        if state is None:
            raise LookupError(identity)
        return state

    def delete(self, kind: ResourceType, identity: str, olds: Properties) -> None:
        """Take the resource away; one that is gone already is fine, one that is guarded is refused."""
        if kind.guard and olds.get(kind.guard):
            raise Refused(f"cannot destroy {identity} without setting {kind.guard} to false and running `pulumi up`")
        with self._alone(kind):
            self._perform(kind.delete, self._scope(kind, identity, olds))

    def look_up(self, look_up: LookUp, arguments: Properties) -> Properties:
        """Return what a provider function answers; raise ``Refused`` where there is nothing."""
        wire = self._perform(look_up.read, self.config | arguments) or {}
        return from_wire(look_up.fields, wire, {})

    def _alone(self, kind: ResourceType) -> AbstractContextManager[Any]:
        return self._lock if kind.serial else nullcontext()

    def _scope(self, kind: ResourceType, identity: str, values: Properties) -> Properties:
        plain = {name: kind.fields[name].normal(value) for name, value in values.items() if name in kind.fields}
        return self.config | identified(kind.identity, identity) | plain | {"id": identity}

    def _perform(self, requests: tuple[Request, ...], scope: Properties) -> Properties | None:
        found: Properties = {}
        for request in requests:
            if request.unless and request.unless(scope):
                continue
            for item in request.each(scope) if request.each else [{}]:
                scope["answer"] = self._ask(request, scope | item, scope)
            picked = request.pick(scope) if request.pick else scope.get("answer")
            if picked is None and request.pick:
                return None
            found |= picked if is_object(picked) else {}
        return found

    def _ask(self, request: Request, scope: Properties, told: Properties) -> Value:
        base = self.bases[request.api]
        url = base + request.path.format_map({k: quote(str(v), safe="@") for k, v in scope.items()})
        query = {key: value.format_map(scope) for key, value in request.query.items()}
        body: Value = request.body(scope) if request.body else None
        try:
            if request.source:
                answer = upload(self.api, url, query, body, scope[request.source])
            else:
                answer = self.api.send(request.method, url, query=query, **({} if body is None else {"json": body}))
        except Refused as refusal:
            if request.gone and refusal.status == HTTPStatus.NOT_FOUND:
                return None
            raise
        result: Value = answer.json() if answer.content else None
        if request.method != "GET":
            told["written"] = result or {}
        return self._finished(request, base, result) if request.operation else result

    def _finished(self, request: Request, base: str, operation: Properties) -> Value:
        deadline = time.monotonic() + _OPERATION_SECONDS
        while not operation.get("done"):
            if self.api.cancelled.wait(_POLL_SECONDS) or time.monotonic() > deadline:
                raise Refused(f"{request.operation}: {operation['name']} was not waited for any longer")
            operation = self.api.send("GET", base + operation["name"], query={"alt": "json"}).json()
        if error := operation.get("error"):
            raise Refused(f"{request.operation}: Error code {error['code']}, message: {error['message']}")
        return operation.get("response")


def _identity(kind: ResourceType, scope: Properties) -> str:
    """Return the id of what was made: put together from its values, where the API did not give it one."""
    return str(filled(kind.identity, scope | {"id": scope.get("written", {}).get("id", "")}))


@contextmanager
def _keeping(kind: ResourceType, scope: Properties, plan: Properties) -> Generator[None]:
    """Let no resource be forgotten that is there although the block fails."""
    try:
        yield
    except Refused as refusal:
        identity = scope["id"] or ("written" in scope and _identity(kind, scope))
        if not identity:
            raise
        raise HalfDoneError(identity, concealed(kind.fields, plan) | {"id": identity}, str(refusal)) from None
