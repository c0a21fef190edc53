"""From Pulumi's properties to the API's objects and back, by a resource type's description."""

import re

from rehearsal.stand_in_plugins.description import Field, Fields
from rehearsal.stand_in_plugins.planning import fill_template, pair_blocks
from rehearsal.stand_in_plugins.properties import DEFAULTS, UNKNOWN, Properties, Value, is_object, wrap_secret


def to_api(fields: Fields, values: Properties) -> Properties:
    """Return the object that the API takes for ``values``, without what is unknown, unset or empty."""
    document: Properties = {}
    for name, field in fields.items():
        if field.output or field.state_only or not field.sent:
            continue
        value = _encode(field, values.get(name))
        if value or field.send_null or (field.send_empty and value is not None):
            *steps, last = (field.api_path or name).split(".")
            place = document
            for step in steps:
                place = place.setdefault(step, {})
            place[last] = value
    return document


def _encode(field: Field, value: Value) -> Value:
    if value is None or value == UNKNOWN:
        return None
    if field.shape == "block" and field.fields:
        value = to_api(field.fields, value)
        return [value] if field.one_item_list else value
    if field.shape == "blocks" and field.fields:
        return [to_api(field.fields, item) for item in value]
    if field.shape == "map":  # an import leaves a list of defaults among the keys
        value = {key: item for key, item in value.items() if key != DEFAULTS}
    return field.encode(value)


def from_api(fields: Fields, document: Properties, last: Properties | None) -> Properties:
    """Return the properties in the API's ``document``; ``last``, the last known state, decides order and map keys."""
    known = {} if last is None else last
    values: Properties = {}
    for name, field in fields.items():
        value = None if field.state_only else _find(document, field.api_path or name)
        if value is not None:
            values[name] = _decode(field, value, known.get(name))
            if field.own_keys and last is not None:
                values[name] = {key: values[name][key] for key in values[name] if key in (known.get(name) or {})}
    return values


def _find(document: Properties, path: str) -> Value:
    value: Value = document
    for step in path.split("."):
        value = value.get(step) if is_object(value) else None
    return value


def _decode(field: Field, value: Value, last: Value) -> Value:
    if field.shape == "block" and field.fields:
        return from_api(field.fields, value[0] if field.one_item_list else value, last or {})
    if field.shape == "blocks" and field.fields:
        olds: list[Properties] = last or []
        places = zip(value, olds + [{}] * len(value), strict=False)
        blocks = [from_api(field.fields, item, old) for item, old in places]
        return sorted(blocks, key=lambda block: block.get(field.set_key, "")) if field.set_key else blocks
    return field.decode(value)


def to_state(
    fields: Fields, values: Properties, config: Properties, last: Properties | None, *, created: bool
) -> Properties:
    """Add to ``values``, which the API returned, what only the state holds and what is made of other values."""
    known = last or {}
    state = dict(values)
    for name, field in fields.items():
        if name not in state and field.template:
            state[name] = fill_template(field.template, config | state)
        elif field.state_only:
            state[name] = known.get(name, config.get(name, field.state_default))
        elif name not in state:
            state[name] = {} if field.null_after_create and not created else field.zero
        if field.shape == "block" and field.fields and state.get(name) is not None:
            state[name] = to_state(field.fields, state[name], config, known.get(name), created=created)
    return {name: value for name, value in state.items() if value is not None}


def refresh_inputs(fields: Fields, state: Properties, inputs: Properties) -> Properties:
    """Return ``inputs`` with the values of the refreshed ``state``, so that drift differs from the program."""
    defaults = inputs.get(DEFAULTS)
    fresh: Properties = {}
    for name, value in inputs.items():
        field = fields.get(name)
        if field and (found := state.get(name)) is not None:
            fresh[name] = _refresh_input(field, found, value)
    if defaults is not None:
        fresh[DEFAULTS] = [name for name in defaults if fresh.get(name) == inputs.get(name)]
    return fresh


def _refresh_input(field: Field, found: Value, value: Value) -> Value:
    if field.shape == "block" and field.fields:
        return refresh_inputs(field.fields, found, value)
    if field.shape == "blocks" and field.fields:
        pairs = pair_blocks(field, value, _sort_like(field, found, value))
        return [refresh_inputs(field.fields, item, old or import_inputs(field.fields, item)) for old, item in pairs]
    if field.state_normalized and field.normalize(found) == field.normalize(value):
        return value
    return found


def _sort_like(field: Field, blocks: list[Properties], inputs: list[Properties]) -> list[Properties]:
    places = {block.get(field.set_key): place for place, block in enumerate(inputs)}
    in_order = sorted(blocks, key=lambda block: places.get(block.get(field.set_key), len(places)))
    return in_order if field.set_key else blocks


def import_inputs(fields: Fields, state: Properties) -> Properties:
    """Return the inputs that a program must give for ``state``, without empty ones."""
    inputs: Properties = {DEFAULTS: []}
    for name, field in fields.items():
        if (value := state.get(name)) and not field.output:
            inputs[name] = _import_input(field, value)
    return inputs


def _import_input(field: Field, value: Value) -> Value:
    if field.shape == "map":
        return {DEFAULTS: []} | value
    if field.shape == "block" and field.fields:
        return import_inputs(field.fields, value)
    if field.shape == "blocks" and field.fields:
        return [import_inputs(field.fields, item) for item in value]
    return value


def mark_secrets(fields: Fields, values: Properties) -> Properties:
    """Return ``values``, inputs or state, with each secret in its envelope."""
    marked = dict(values)
    for name, field in fields.items():
        if field.secret and name in marked:
            marked[name] = wrap_secret(marked[name])
        elif field.shape == "block" and is_object(marked.get(name)):
            marked[name] = mark_secrets(field.fields, marked[name])
    return marked


def parse_id(id_format: str, resource_id: str) -> Properties:
    """Return the values that a resource's id is made of; none if it has another format."""
    pattern = re.sub(r"\\{(\w+)\\}", r"(?P<\1>.+?)", re.escape(id_format))
    found = re.fullmatch(pattern, resource_id)
    return dict(found.groupdict()) if found else {}
