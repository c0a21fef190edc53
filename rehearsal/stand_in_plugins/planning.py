"""What the engine asks before anything happens: whether the inputs are right, and what the state would be."""

import re
from collections.abc import Mapping

from rehearsal.stand_in_plugins.description import Field, Fields
from rehearsal.stand_in_plugins.properties import DEFAULTS, UNKNOWN, Properties, Value, is_array, is_object, sealed


def checked(fields: Fields, news: Properties) -> Properties:
    """Return the inputs with defaults filled in, each block saying in ``__defaults`` which those were."""
    given = {name: value for name, value in news.items() if name != DEFAULTS}
    defaults = {name: f.default for name, f in fields.items() if f.default is not None and name not in given}
    inputs = {name: _checked(fields.get(name), value) for name, value in (given | defaults).items()}
    return {DEFAULTS: sorted(defaults)} | inputs


def unknown_names(fields: Fields, news: Properties, path: str = "") -> list[str]:
    """Return the paths of inputs that the description does not know, or that only the API may set."""
    wrong: list[str] = []
    for name, value in news.items():
        field = fields.get(name)
        if name != DEFAULTS and (field is None or (field.output and not field.computed)):
            wrong.append(path + name)
        elif field and field.fields:
            for block in filter(is_object, value if is_array(value) else [value]):
                wrong += unknown_names(field.fields, block, f"{path}{name}.")
    return wrong


def _checked(field: Field | None, value: Value) -> Value:
    if field and field.shape == "block" and is_object(value):
        return checked(field.fields, value)
    if field and field.shape == "blocks" and is_array(value):
        return [checked(field.fields, item) for item in value]
    return value


def planned(fields: Fields, olds: Properties | None, news: Properties, config: Properties) -> Properties:
    """Return the state to be: what the program says over what is known; the rest is unknown until it is done."""
    plan = {name: _planned(name, field, olds, news, config) for name, field in fields.items()}
    plan = {name: value for name, value in plan.items() if value is not None}
    for name, field in fields.items():
        if field.template and name not in news and plan.get(name, UNKNOWN) == UNKNOWN:
            plan[name] = filled(field.template, config | plan)
    return plan


def _planned(name: str, field: Field, olds: Properties | None, news: Properties, config: Properties) -> Value:
    old = None if olds is None else olds.get(name)
    value = news.get(name)
    if value is None or field.output:
        return _left_open(field, old, olds, news)
    if value == UNKNOWN:
        return UNKNOWN
    empty: Properties | None = None if olds is None else {}  # what is new in an update is not told as unknown
    if field.shape == "block" and field.fields:
        return planned(field.fields, old or empty, value, config)
    if field.shape == "blocks" and field.fields:
        return [planned(field.fields, item or empty, block, config) for item, block in _paired(field, old or [], value)]
    return field.normal(value) if field.kept else value


def _left_open(field: Field, old: Value, olds: Properties | None, news: Properties) -> Value:
    if field.initial is not None:
        return field.initial
    if not (field.computed or field.output):
        return None
    if field.copies and news.get(field.follows) is not None:
        return news[field.follows]
    return UNKNOWN if olds is None else old


def _paired(field: Field, olds: list[Properties], news: list[Properties]) -> list[tuple[Properties | None, Properties]]:
    if field.key:
        known = {item.get(field.key): item for item in olds}
        return [(known.get(block.get(field.key)), block) for block in news]
    return [(olds[place] if place < len(olds) else None, block) for place, block in enumerate(news)]


def filled(template: str, values: Mapping[str, Value]) -> Value:
    """Return ``template`` with its ``{names}`` filled in; unknown while one of them is."""
    names = re.findall(r"{(\w+)}", template)
    if any(values.get(name, UNKNOWN) == UNKNOWN for name in names):
        return UNKNOWN
    return template.format(**{name: values[name] for name in names})


def refreshed(fields: Fields, state: Properties, inputs: Properties) -> Properties:
    """Return ``inputs`` as the API's ``state`` now has them, so that what drifted shows against the program."""
    defaults = inputs.get(DEFAULTS)
    fresh: Properties = {}
    for name, value in inputs.items():
        field = fields.get(name)
        if field and (found := state.get(name)) is not None:
            fresh[name] = _refreshed(field, found, value)
    if defaults is not None:
        fresh[DEFAULTS] = [name for name in defaults if fresh.get(name) == inputs.get(name)]
    return fresh


def _refreshed(field: Field, found: Value, value: Value) -> Value:
    if field.shape == "block" and field.fields:
        return refreshed(field.fields, found, value)
    if field.shape == "blocks" and field.fields:
        pairs = _paired(field, value, _in_order(field, found, value))
        return [refreshed(field.fields, item, old or imported(field.fields, item)) for old, item in pairs]
    if field.kept and field.normal(found) == field.normal(value):
        return value
    return found


def _in_order(field: Field, rows: list[Properties], like: list[Properties]) -> list[Properties]:
    places = {row.get(field.key): place for place, row in enumerate(like)}
    return sorted(rows, key=lambda row: places.get(row.get(field.key), len(places))) if field.key else rows


def imported(fields: Fields, state: Properties) -> Properties:
    """Return the inputs that a program would have to give for ``state``; what is empty is left out."""
    inputs: Properties = {DEFAULTS: []}
    for name, field in fields.items():
        if (value := state.get(name)) and not field.output:
            inputs[name] = _imported(field, value)
    return inputs


def _imported(field: Field, value: Value) -> Value:
    if field.shape == "map":
        return {DEFAULTS: []} | value
    if field.shape == "block" and field.fields:
        return imported(field.fields, value)
    if field.shape == "blocks" and field.fields:
        return [imported(field.fields, item) for item in value]
    return value


def stated(fields: Fields, values: Properties, config: Properties, like: Properties | None) -> Properties:
    """Return ``values``, as the API has them, with what only the state holds and what follows from other values."""
    last = like or {}
    state = dict(values)
    for name, field in fields.items():
        if name not in state and field.template:
            state[name] = filled(field.template, config | state)
        elif field.local:
            state[name] = last.get(name, config.get(name, field.initial))
        if field.shape == "block" and field.fields and name in state:
            state[name] = stated(field.fields, state[name], config, last.get(name))
    return {name: value for name, value in state.items() if value is not None}


def concealed(fields: Fields, values: Properties) -> Properties:
    """Return ``values`` with each secret sealed, inputs and state alike."""
    shown = dict(values)
    for name, field in fields.items():
        if field.secret and name in shown:
            shown[name] = sealed(shown[name])
        elif field.shape == "block" and is_object(shown.get(name)):
            shown[name] = concealed(field.fields, shown[name])
    return shown


def known(plan: Value) -> Value:
    """Return ``plan`` without what is unknown."""
    if is_object(plan):
        return {name: known(value) for name, value in plan.items() if value != UNKNOWN}
    return [known(item) for item in plan if item != UNKNOWN] if is_array(plan) else plan
