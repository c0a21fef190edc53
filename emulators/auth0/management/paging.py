"""Lists of the Management API: by offset, by checkpoint, and with chosen fields only."""

from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import JSONResponse

from emulators.auth0.errors import InvalidQuery
from emulators.auth0.state import Record, State

_LARGEST_PAGE = 100
_USUAL_PAGE = 50


def allow_query(request: Request[State], *names: str) -> None:
    """Refuse a query parameter that the call does not know."""
    unknown = [name for name in request.query_params if name not in names]
    if unknown:
        raise InvalidQuery(f"Query validation error: 'Additional properties not allowed: {','.join(unknown)}'.")


def number(request: Request[State], name: str, default: int, largest: int | None = None) -> int:
    """Return a query parameter that is a whole number from 0 to ``largest``."""
    text = request.query_params.get(name, str(default))
    if not text.isdecimal():
        raise InvalidQuery(f"Query validation error: 'Expected type integer but found type string' on property {name}.")
    if largest is not None and int(text) > largest:
        what = f"Value {text} is greater than maximum {largest}"
        raise InvalidQuery(f"Query validation error: '{what}' on property {name}.")
    return int(text)


def flag(request: Request[State], name: str, *, default: bool = False) -> bool:
    """Return a query parameter that is true or false."""
    return request.query_params.get(name, str(default).lower()) == "true"


def by_offset(request: Request[State], name: str, records: Sequence[Record]) -> JSONResponse:
    """Answer with the page that ``page`` and ``per_page`` name, and with totals where they are asked for."""
    size = number(request, "per_page", _USUAL_PAGE, _LARGEST_PAGE)
    start = number(request, "page", 0) * size
    page = records[start : start + size]
    if not flag(request, "include_totals"):
        return JSONResponse(page)
    totals = {"start": start, "limit": size, "length": len(page), "total": len(records)}
    return JSONResponse({**totals, name: page})


def by_checkpoint(request: Request[State], name: str, key: str, records: Sequence[Record]) -> JSONResponse:
    """Answer with ``take`` records beginning with the one ``from`` names, and with where to go on."""
    size = number(request, "take", _USUAL_PAGE, _LARGEST_PAGE)
    keys = [record[key] for record in records]
    checkpoint = request.query_params.get("from")
    if checkpoint and checkpoint not in keys:
        raise InvalidQuery("Query validation error: 'Invalid checkpoint' on property from.")
    start = keys.index(checkpoint) if checkpoint else 0
    following = {"next": keys[start + size]} if start + size < len(keys) else {}
    return JSONResponse({name: records[start : start + size], **following})


def chosen(request: Request[State], record: Record, always: frozenset[str] = frozenset()) -> Record:
    """Return the fields that ``fields`` and ``include_fields`` choose, and those that are ``always`` shown."""
    fields = {name for name in request.query_params.get("fields", "").split(",") if name}
    if not fields:
        return record
    included = flag(request, "include_fields", default=True)
    return {name: value for name, value in record.items() if (name in fields) is included or name in always}
