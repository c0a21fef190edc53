"""What goes back over HTTP: JSON that no cache may keep."""

import json
import re
from collections.abc import Mapping

from starlette.responses import Response

from proxy_app.errors import ProxyError

# RFC 6749 5.1 and 5.2 ask for both, on errors as on tokens.
_UNCACHED = [(b"cache-control", b"no-store"), (b"pragma", b"no-cache"), (b"content-type", b"application/json")]
# Characters that RFC 6749 5.2 does not allow in an error_description.
_NOT_IN_DESCRIPTIONS = re.compile(r"[^\x20-\x21\x23-\x5b\x5d-\x7e]")


class UncachedJson(Response):
    """A JSON object in ASCII that no cache keeps."""

    def __init__(
        self, content: Mapping[str, object], status: int = 200, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(json.dumps(content).encode("ascii"), status, headers)

    def init_headers(self, headers: Mapping[str, str] | None = None) -> None:
        """Set the headers of every answer, then ``headers``."""
        more = [(name.encode("ascii"), value.encode("ascii")) for name, value in (headers or {}).items()]
        self.raw_headers = [*_UNCACHED, (b"content-length", b"%d" % len(self.body)), *more]


def error_response(error: ProxyError) -> UncachedJson:
    """Write an error as RFC 6749 5.2 defines it."""
    description = _NOT_IN_DESCRIPTIONS.sub("'", error.description)
    content = {"error": error.failure.code, "error_description": description}
    return UncachedJson(content, error.failure.status, error.headers)
