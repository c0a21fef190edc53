"""From Pulumi's properties to the API's objects and back, by a resource type's description."""

import re

from rehearsal.stand_in_plugins.description import Field, Fields
from rehearsal.stand_in_plugins.properties import UNKNOWN, Properties, Value, is_object


def to_wire(fields: Fields, values: Properties) -> Properties:
    """Return the object that the API takes for ``values``; what is unknown, unset or empty is left out."""
    wire: Properties = {}
    for name, field in fields.items():
        if field.output or field.local or not field.sent:
            continue
        value = _encoded(field, values.get(name))
        if value or field.always or (field.zero and value is not None):
            _put(wire, field.wire or name, value)
    return wire


def from_wire(fields: Fields, wire: Properties, like: Properties | None) -> Properties:
    """Return the properties that the API's object ``wire`` holds, in the order and with the map keys of ``like``."""
    known = {} if like is None else like
    values: Properties = {}
    for name, field in fields.items():
        found = None if field.local else _get(wire, field.wire or name)
        if found is not None:
            values[name] = _decoded(field, found, known.get(name))
            if field.owned and like is not None:
                values[name] = {key: values[name][key] for key in values[name] if key in (known.get(name) or {})}
    return values


def _encoded(field: Field, value: Value) -> Value:
    if value is None or value == UNKNOWN:
        return None
    if field.shape == "block" and field.fields:
        value = to_wire(field.fields, value)
        return [value] if field.single else value
    if field.shape == "blocks" and field.fields:
        return [to_wire(field.fields, item) for item in value]
    return field.encode(value)


def _decoded(field: Field, value: Value, like: Value) -> Value:
    if field.shape == "block" and field.fields:
        return from_wire(field.fields, value[0] if field.single else value, like or {})
    if field.shape == "blocks" and field.fields:
        return _blocks(field, value, like or [])
    return field.decode(value)


def _blocks(field: Field, value: list[Properties], like: list[Properties]) -> list[Properties]:
    items = [
        from_wire(field.fields, item, like[place] if place < len(like) else {}) for place, item in enumerate(value)
    ]
    return sorted(items, key=lambda item: item.get(field.key, "")) if field.key else items


def _get(wire: Properties, path: str) -> Value:
    found: Value = wire
    for step in path.split("."):
        found = found.get(step) if is_object(found) else None
    return found


def _put(wire: Properties, path: str, value: Value) -> None:
    *steps, last = path.split(".")
    for step in steps:
        wire = wire.setdefault(step, {})
    wire[last] = value


def identified(template: str, identity: str) -> Properties:
    """Return the values that a resource's ``identity`` was put together from; none where it has another form."""
    pattern = re.sub(r"\\{(\w+)\\}", r"(?P<\1>.+?)", re.escape(template))
    found = re.fullmatch(pattern, identity)
    return dict(found.groupdict()) if found else {}
