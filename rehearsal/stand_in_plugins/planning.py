"""What the engine asks before anything changes: are the inputs valid, what would the state be, what differs."""

import re
from collections.abc import Iterator, Mapping
from itertools import zip_longest

from pulumi.runtime.proto import provider_pb2

from rehearsal.stand_in_plugins.description import Field, Fields, ResourceType
from rehearsal.stand_in_plugins.properties import (
    DEFAULTS,
    UNKNOWN,
    Properties,
    Value,
    comparison_key,
    is_array,
    is_object,
)

_KIND = provider_pb2.PropertyDiff.Kind
_KINDS = {"ADD": _KIND.ADD, "UPDATE": _KIND.UPDATE, "DELETE": _KIND.DELETE, "UPDATE_REPLACE": _KIND.UPDATE_REPLACE}


def check_inputs(fields: Fields, news: Properties) -> Properties:
    """Return the inputs with defaults filled in; ``__defaults`` of each block names those."""
    given = {name: value for name, value in news.items() if name != DEFAULTS}
    defaults = {name: f.default for name, f in fields.items() if f.default is not None and name not in given}
    inputs = {name: _check_input(fields.get(name), value) for name, value in (given | defaults).items()}
    return {DEFAULTS: sorted(defaults)} | inputs


def _check_input(field: Field | None, value: Value) -> Value:
    if field and field.shape == "block" and is_object(value):
        return check_inputs(field.fields, value)
    if field and field.shape == "blocks" and is_array(value):
        return [check_inputs(field.fields, item) for item in value]
    return value


def find_undescribed(fields: Fields, news: Properties, path: str = "") -> list[str]:
    """Return the paths of inputs that the description does not have, or that only the API may set."""
    wrong: list[str] = []
    for name, value in news.items():
        field = fields.get(name)
        if name != DEFAULTS and (field is None or (field.output and not field.computed)):
            wrong.append(path + name)
        elif field and field.fields:
            for block in filter(is_object, value if is_array(value) else [value]):
                wrong += find_undescribed(field.fields, block, f"{path}{name}.")
    return wrong


def plan_state(fields: Fields, olds: Properties | None, news: Properties, config: Properties) -> Properties:
    """Return the state after the change: the inputs over the old state; what only the API can say is unknown."""
    plan = {name: _plan_value(name, field, olds, news, config) for name, field in fields.items()}
    plan = {name: value for name, value in plan.items() if value is not None}
    for name, field in fields.items():
        if field.template and name not in news and plan.get(name, UNKNOWN) == UNKNOWN:
            plan[name] = fill_template(field.template, config | plan)
    return plan


def _plan_value(name: str, field: Field, olds: Properties | None, news: Properties, config: Properties) -> Value:
    old = None if olds is None else olds.get(name)
    value = news.get(name)
    if value is None or field.output:
        return _plan_unset(field, old, olds, news)
    if value == UNKNOWN:
        return UNKNOWN
    empty: Properties | None = None if olds is None else {}  # a block that an update adds has no unknowns
    if field.shape == "block" and field.fields:
        return plan_state(field.fields, old or empty, value, config)
    if field.shape == "blocks" and field.fields:
        pairs = pair_blocks(field, old or [], value)
        return [plan_state(field.fields, item or empty, block, config) for item, block in pairs]
    if field.shape == "map" and is_object(value):  # an import leaves a list of defaults among the keys
        return {key: item for key, item in value.items() if key != DEFAULTS}
    return field.normalize(value) if field.state_normalized else value


def _plan_unset(field: Field, old: Value, olds: Properties | None, news: Properties) -> Value:
    if field.state_default is not None:
        return field.state_default
    if field.null_after_create:
        return None if olds is None else {}
    if not (field.computed or field.output):
        return None
    if field.copies and news.get(field.changes_with) is not None:
        return news[field.changes_with]
    return UNKNOWN if olds is None else old


def pair_blocks(
    field: Field, olds: list[Properties], news: list[Properties]
) -> list[tuple[Properties | None, Properties]]:
    """Return each new block with the old one that it stands for, by key in a set and by place in a list."""
    if field.set_key:
        known = {item.get(field.set_key): item for item in olds}
        return [(known.get(block.get(field.set_key)), block) for block in news]
    return [(olds[place] if place < len(olds) else None, block) for place, block in enumerate(news)]


def fill_template(template: str, values: Mapping[str, Value]) -> Value:
    """Return ``template`` with its ``{names}`` filled in; unknown if one of them is."""
    names = re.findall(r"{(\w+)}", template)
    if any(values.get(name, UNKNOWN) == UNKNOWN for name in names):
        return UNKNOWN
    return template.format(**{name: values[name] for name in names})


def drop_unknowns(plan: Value) -> Value:
    if is_object(plan):
        return {name: drop_unknowns(value) for name, value in plan.items() if value != UNKNOWN}
    return [drop_unknowns(item) for item in plan if item != UNKNOWN] if is_array(plan) else plan


def diff_resource(kind: ResourceType, olds: Properties, news: Properties) -> provider_pb2.DiffResponse:
    """Return what an update from the state ``olds`` to the inputs ``news`` changes, and whether it replaces."""
    changes = dict(_diff_fields(kind.fields, olds, news, ""))
    if changes:
        changes |= dict.fromkeys(_find_nulls(kind.fields, olds, news, ""), "ADD")
    changes |= _diff_outputs(kind.fields, changes)
    tops = sorted({_top(path) for path in changes})
    replaced = sorted(name for name in tops if kind.fields[name].replaces)
    detailed = {path: "UPDATE_REPLACE" if path in replaced else change for path, change in changes.items()}
    return provider_pb2.DiffResponse(
        replaces=replaced,
        stables=sorted(name for name, field in kind.fields.items() if field.replaces and name not in replaced),
        deleteBeforeReplace=bool(replaced) and kind.unique_name and "name" not in news.get(DEFAULTS, []),
        changes=provider_pb2.DiffResponse.DIFF_SOME if changes else provider_pb2.DiffResponse.DIFF_NONE,
        diffs=tops,
        detailedDiff={path: provider_pb2.PropertyDiff(kind=_KINDS[change]) for path, change in detailed.items()},
        hasDetailedDiff=True,
    )


def _top(path: str) -> str:
    return re.split(r"[.\[]", path)[0]


def _diff_fields(fields: Fields, olds: Properties, news: Properties, path: str) -> Iterator[tuple[str, str]]:
    for name, field in fields.items():
        if not field.output:
            yield from _diff_field(field, olds.get(name), news.get(name), path + name)


def _diff_field(field: Field, old: Value, new: Value, path: str) -> Iterator[tuple[str, str]]:
    if new is None:
        if old and not field.computed and field.state_default is None:
            yield path, "DELETE"
    elif field.shape == "value" or UNKNOWN in (old, new):
        yield from _diff_value(field, old, new, path)
    elif new and old in (None, [], {}) and field.shape != "map":
        yield path, "ADD"
    elif field.shape == "map":
        yield from _diff_map(old or {}, new, path)
    elif field.shape == "block":
        yield from _diff_fields(field.fields, old or {}, new, path + ".")
    else:
        yield from _diff_blocks(field, old or [], new, path)


def _diff_value(field: Field, old: Value, new: Value, path: str) -> Iterator[tuple[str, str]]:
    if is_array(old) and is_array(new):
        rows: list[tuple[Value, Value]] = list(zip_longest(field.normalize(old), field.normalize(new)))
        for place, (before, after) in enumerate(rows):
            yield from _diff_value(Field(), before, after, f"{path}[{place}]")
    elif new is None:
        yield path, "DELETE"
    elif is_array(new):
        if new:
            yield path, "ADD"
    elif (old or new) and field.normalize(comparison_key(old)) != field.normalize(comparison_key(new)):
        yield path, "UPDATE"


def _find_nulls(fields: Fields, olds: Properties, news: Properties, path: str) -> Iterator[str]:
    """Yield the paths that are null since the create; Terraform plans them as empty, which the bridge reports."""
    for name, field in fields.items():
        if field.null_after_create and olds.get(name) is None and not news.get(name):
            yield path + name
        elif field.shape == "block" and is_object(olds.get(name)) and is_object(news.get(name)):
            yield from _find_nulls(field.fields, olds[name], news[name], f"{path}{name}.")


def _diff_map(old: Properties, new: Properties, path: str) -> Iterator[tuple[str, str]]:
    if UNKNOWN in new.values():
        yield path, "UPDATE" if old else "ADD"
        return
    for key in sorted((old.keys() | new.keys()) - {DEFAULTS}):
        if old.get(key) != new.get(key):
            step = f".{key}" if re.fullmatch(r"\w+", key) else f'["{key}"]'
            yield path + step, "ADD" if key not in old else "UPDATE" if key in new else "DELETE"


def _diff_blocks(field: Field, olds: list[Properties], news: list[Properties], path: str) -> Iterator[tuple[str, str]]:
    pairs: list[tuple[Properties | None, Properties | None]] = list(zip_longest(olds, news))
    if field.set_key:
        before, after = ({block.get(field.set_key): block for block in blocks} for blocks in (olds, news))
        pairs = [(before.get(key), after.get(key)) for key in after | before]
    for place, (old, new) in enumerate(pairs):
        if old is None or new is None:
            yield f"{path}[{place}]", "ADD" if old is None else "DELETE"
        else:
            yield from _diff_fields(field.fields, old, new, f"{path}[{place}].")


def _diff_outputs(fields: Fields, changes: dict[str, str]) -> dict[str, str]:
    outputs: dict[str, str] = {}
    for name, field in fields.items():
        for path, change in changes.items():
            if field.changes_with and _top(path) == field.changes_with:
                outputs[path.replace(field.changes_with, name, 1) if field.copies else name] = change
    return outputs
