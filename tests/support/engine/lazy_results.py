"""Results of the Automation API that are fetched only if a test looks at them.

After each update the SDK runs the CLI three more times, for the outputs and the history. Most tests look at neither,
and each start of the CLI takes most of a second.
"""

from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property, partial
from typing import Any, cast

import pytest
from pulumi.automation import OutputMap, OutputValue, Stack, UpdateSummary


class LazyOutputs(Mapping[str, OutputValue]):
    """A stack's outputs, as they are when they are first read."""

    def __init__(self, fetch: Callable[[], OutputMap]) -> None:
        self._fetch = fetch

    @cached_property
    def _outputs(self) -> OutputMap:
        return self._fetch()

    def __getitem__(self, name: str) -> OutputValue:
        return self._outputs[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._outputs)

    def __len__(self) -> int:
        return len(self._outputs)


class LazySummary:
    """The summary of a stack's newest update, as it is when it is first read."""

    def __init__(self, fetch: Callable[[], UpdateSummary | None]) -> None:
        self._fetch = fetch

    @cached_property
    def _summary(self) -> UpdateSummary | None:
        return self._fetch()

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  # whatever the summary has
        return getattr(self._summary, name)


@contextmanager
def lazy_results() -> Generator[None]:
    """Fetch outputs and summaries lazily, in this process, until the block ends."""
    fetch_outputs, fetch_summary = Stack.outputs, Stack.info

    def outputs(stack: Stack) -> OutputMap:
        return cast("OutputMap", LazyOutputs(partial(fetch_outputs, stack)))

    def info(stack: Stack, show_secrets: bool = True) -> UpdateSummary:  # noqa: FBT001, FBT002  # the SDK's signature
        return cast("UpdateSummary", LazySummary(partial(fetch_summary, stack, show_secrets)))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Stack, "outputs", outputs)
        patch.setattr(Stack, "info", info)
        yield
