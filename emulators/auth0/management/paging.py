"""Query parameters and lists of the Management API: pages by offset or checkpoint, selected fields."""

from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import JSONResponse

from emulators.auth0.errors import ManagementError, NotEmulatedError
from emulators.auth0.state import Record, State

_LARGEST_PAGE = 100
_USUAL_PAGE = 50


def allow_parameters(request: Request[State], *names: str, not_emulated: tuple[str, ...] = ()) -> None:
    """Refuse query parameters other than ``names``: with 501 those that Auth0 documents, with 400 the rest."""
    unknown = [name for name in request.query_params if name not in names]
    for name in unknown:
        if name in not_emulated:
            raise NotEmulatedError(f"the parameter {name} of {request.method} {request.url.path}")
    if unknown:
        raise _query_error(f"'Additional properties not allowed: {','.join(unknown)}'")


def _query_error(what: str) -> ManagementError:
    return ManagementError("invalid_query_string", f"Query validation error: {what}.")


def integer_parameter(request: Request[State], name: str, default: int, largest: int | None = None) -> int:
    """Return a query parameter as an integer from 0 to ``largest``."""
    text = request.query_params.get(name, str(default))
    if not text.isdecimal():
        raise _query_error(f"'Expected type integer but found type string' on property {name}")
    if largest is not None and int(text) > largest:
        what = f"Value {text} is greater than maximum {largest}"
        raise _query_error(f"'{what}' on property {name}")
    return int(text)


def boolean_parameter(request: Request[State], name: str, *, default: bool = False) -> bool:
    return request.query_params.get(name, str(default).lower()) == "true"


def offset_page(request: Request[State], name: str, records: Sequence[Record]) -> JSONResponse:
    """Answer with the page that ``page`` and ``per_page`` select, and with totals if ``include_totals`` is set."""
    size = integer_parameter(request, "per_page", _USUAL_PAGE, _LARGEST_PAGE)
    start = integer_parameter(request, "page", 0) * size
    page = records[start : start + size]
    if not boolean_parameter(request, "include_totals"):
        return JSONResponse(page)
    totals = {"start": start, "limit": size, "length": len(page), "total": len(records)}
    return JSONResponse({**totals, name: page})


def checkpoint_page(request: Request[State], name: str, key: str, records: Sequence[Record]) -> JSONResponse:
    """Answer with ``take`` records, starting at the one that ``from`` names, and with the start of the next page."""
    size = integer_parameter(request, "take", _USUAL_PAGE, _LARGEST_PAGE)
    keys = [record[key] for record in records]
    checkpoint = request.query_params.get("from")
    if checkpoint and checkpoint not in keys:
        raise _query_error("'Invalid checkpoint' on property from")
    start = keys.index(checkpoint) if checkpoint else 0
    following = {"next": keys[start + size]} if start + size < len(keys) else {}
    return JSONResponse({name: records[start : start + size], **following})


def selected_fields(request: Request[State], record: Record, always: frozenset[str] = frozenset()) -> Record:
    """Return the fields that ``fields`` and ``include_fields`` select, and those that are ``always`` shown."""
    fields = {name for name in request.query_params.get("fields", "").split(",") if name}
    if not fields:
        return record
    included = boolean_parameter(request, "include_fields", default=True)
    return {name: value for name, value in record.items() if (name in fields) is included or name in always}
