"""What differs between the state and the program, in the words of Pulumi's detailed diff."""

import re
from collections.abc import Iterator
from itertools import zip_longest

from pulumi.runtime.proto import provider_pb2

from rehearsal.stand_in_plugins.description import Field, Fields, ResourceType
from rehearsal.stand_in_plugins.properties import DEFAULTS, UNKNOWN, Properties, Value, is_array, sameness

_KIND = provider_pb2.PropertyDiff.Kind
_KINDS = {"ADD": _KIND.ADD, "UPDATE": _KIND.UPDATE, "DELETE": _KIND.DELETE, "UPDATE_REPLACE": _KIND.UPDATE_REPLACE}


def difference(kind: ResourceType, olds: Properties, news: Properties) -> provider_pb2.DiffResponse:
    """Return what an update would change, and whether it takes a replacement."""
    changes = dict(_changes(kind.fields, olds, news, ""))
    changes |= _followers(kind.fields, changes)
    tops = sorted({re.split(r"[.\[]", path)[0] for path in changes})
    replaced = sorted(name for name in tops if kind.fields[name].replaces)
    detailed = {path: "UPDATE_REPLACE" if path in replaced else change for path, change in changes.items()}
    return provider_pb2.DiffResponse(
        replaces=replaced,
        stables=sorted(name for name, field in kind.fields.items() if field.replaces and name not in replaced),
        deleteBeforeReplace=bool(replaced) and kind.named and "name" not in news.get(DEFAULTS, []),
        changes=provider_pb2.DiffResponse.DIFF_SOME if changes else provider_pb2.DiffResponse.DIFF_NONE,
        diffs=tops,
        detailedDiff={path: provider_pb2.PropertyDiff(kind=_KINDS[change]) for path, change in detailed.items()},
        hasDetailedDiff=True,
    )


def _changes(fields: Fields, olds: Properties, news: Properties, path: str) -> Iterator[tuple[str, str]]:
    for name, field in fields.items():
        if not field.output:
            yield from _change(field, olds.get(name), news.get(name), path + name)


def _change(field: Field, old: Value, new: Value, path: str) -> Iterator[tuple[str, str]]:
    if new is None:
        if old and not field.computed and field.initial is None:
            yield path, "DELETE"
    elif field.shape == "value" or UNKNOWN in (old, new):
        yield from _value(field, old, new, path)
    elif new and old in (None, [], {}) and field.shape != "map":
        yield path, "ADD"
    elif field.shape == "map":
        yield from _map(old or {}, new, path)
    elif field.shape == "block":
        yield from _changes(field.fields, old or {}, new, path + ".")
    else:
        for place, (before, after) in enumerate(_rows(field, old or [], new)):
            yield from _row(field, before, after, f"{path}[{place}]")


def _value(field: Field, old: Value, new: Value, path: str) -> Iterator[tuple[str, str]]:
    if is_array(old) and is_array(new):
        rows: list[tuple[Value, Value]] = list(zip_longest(field.normal(old), field.normal(new)))
        for place, (before, after) in enumerate(rows):
            yield from _value(Field(), before, after, f"{path}[{place}]")
    elif new is None:
        yield path, "DELETE"
    elif is_array(new):
        if new:
            yield path, "ADD"
    elif (old or new) and field.normal(sameness(old)) != field.normal(sameness(new)):
        yield path, "UPDATE"


def _map(old: Properties, new: Properties, path: str) -> Iterator[tuple[str, str]]:
    for key in sorted((old.keys() | new.keys()) - {DEFAULTS}):
        if old.get(key) != new.get(key):
            step = f".{key}" if re.fullmatch(r"\w+", key) else f'["{key}"]'
            yield path + step, "ADD" if key not in old else "UPDATE" if key in new else "DELETE"


def _rows(
    field: Field, olds: list[Properties], news: list[Properties]
) -> list[tuple[Properties | None, Properties | None]]:
    if not field.key:
        return list(zip_longest(olds, news))
    before, after = ({row.get(field.key): row for row in rows} for rows in (olds, news))
    return [(before.get(key), after.get(key)) for key in after | before]


def _row(field: Field, old: Properties | None, new: Properties | None, path: str) -> Iterator[tuple[str, str]]:
    if old is None or new is None:
        yield path, "ADD" if old is None else "DELETE"
    else:
        yield from _changes(field.fields, old, new, path + ".")


def _followers(fields: Fields, changes: dict[str, str]) -> dict[str, str]:
    followed: dict[str, str] = {}
    for name, field in fields.items():
        for path, change in changes.items():
            if field.follows and re.split(r"[.\[]", path)[0] == field.follows:
                followed[path.replace(field.follows, name, 1) if field.copies else name] = change
    return followed
