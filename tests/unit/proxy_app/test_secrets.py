"""No log line and no output of these tests contains a secret."""

import base64
import io
from urllib.parse import quote_plus

from tests.support.proxy.made_up import CLIENT_KEY, CLIENT_SECRET, EVERY_SECRET
from tests.support.proxy.running_proxy import EVERY_OUTPUT


def test_no_secret_was_ever_logged(log: io.StringIO) -> None:
    written = "\n".join([log.getvalue(), *EVERY_OUTPUT])
    basic = base64.b64encode(f"{CLIENT_KEY}:{CLIENT_SECRET}".encode()).decode()
    spelled = EVERY_SECRET | {quote_plus(secret) for secret in EVERY_SECRET} | {basic}

    assert log.getvalue()
    assert [secret for secret in spelled if secret in written] == []
