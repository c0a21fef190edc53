"""What a test expects of code that refuses."""

from collections.abc import Generator
from contextlib import contextmanager

import pytest

from proxy_app.errors import Failure, ProxyError


@contextmanager
def fails(failure: Failure, match: str = ".") -> Generator[pytest.ExceptionInfo[ProxyError]]:
    """Expect the block to fail in this way, with a sentence that contains ``match``."""
    with pytest.raises(ProxyError, match=match) as caught:
        yield caught
    assert caught.value.failure is failure
