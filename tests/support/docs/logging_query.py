"""What a filter in Cloud Logging's query language matches, for the part of the language that the documents use.

https://docs.cloud.google.com/logging/docs/view/logging-query-language
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

Entry = Mapping[str, Any]
Test = Callable[[Entry], bool]
_TOKEN = re.compile(r'\s*(\(|\)|"(?:[^"\\]|\\.)*"|>=|<=|!=|[=:<>]|[\w./-]+)')
_OPERATORS: Mapping[str, Callable[[Any, str], bool]] = {
    # Text is compared without regard to case.
    "=": lambda found, value: str(found).lower() == value.lower(),
    ":": lambda found, value: value.lower() in str(found).lower(),
    ">=": lambda found, value: float(found) >= float(value),
    "<": lambda found, value: float(found) < float(value),
}


def matches(query: str, entry: Entry) -> bool:
    """Return whether ``entry`` (a LogEntry, as plain data) satisfies a query; ``ValueError`` if it cannot be read."""
    return _Query(query).whole()(entry)


class _Query:
    """A query that is read from left to right; NOT binds most, then OR, then AND, as the language has it."""

    def __init__(self, text: str) -> None:
        self._tokens: list[str] = []
        place = 0
        while text[place:].strip():
            found = _TOKEN.match(text, place)
            if not found:
                raise ValueError(text[place:])
            self._tokens.append(found[1])
            place = found.end()

    def whole(self) -> Test:
        """Read all of it."""
        test = self._every()
        if self._tokens:
            raise ValueError(self._tokens)
        return test

    def _take(self, *wanted: str) -> bool:
        found = self._tokens[:1] in [[each] for each in wanted]
        del self._tokens[: int(found)]
        return found

    def _every(self) -> Test:
        tests = [self._any()]
        while self._take("AND"):
            tests.append(self._any())
        return lambda entry: all(test(entry) for test in tests)

    def _any(self) -> Test:
        tests = [self._one()]
        while self._take("OR"):
            tests.append(self._one())
        return lambda entry: any(test(entry) for test in tests)

    def _one(self) -> Test:
        if self._take("NOT"):
            test = self._one()
            return lambda entry: not test(entry)
        if self._take("("):
            test = self._every()
            if not self._take(")"):
                raise ValueError(self._tokens)
            return test
        return self._comparison()

    def _comparison(self) -> Test:
        path, operator, value, *self._tokens = self._tokens
        compare, wanted = _OPERATORS[operator], value.strip('"')

        def holds(entry: Entry) -> bool:
            found = _at(entry, path.split("."))
            return found is not None and compare(found, wanted)

        return holds


def _at(entry: Entry, path: list[str]) -> object:
    """Return the value at a path, or nothing: comparing a missing field is always false."""
    name, *rest = path
    return _at(entry.get(name) or {}, rest) if rest else entry.get(name)
