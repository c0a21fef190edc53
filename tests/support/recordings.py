"""Recordings of the released provider plugins, and the one way to read them.

Pulumi CLI 3.259.0 ran with the auth0 and gcp plugins, built from their public source and labelled 3.55.1 and 10.2.0,
against a small emulator of both vendors. Every value is made up: no tenant, project or secret in here exists. What the
plugins answered to the engine and what they requested is evidence; what that emulator answered is not.

Each line of ``tests/recordings.jsonl.xz`` is one CLI command as JSON:

- ``scenario``: its name
- ``calls``: what the engine asked of the plugins, in order: {method, request, response, errors?}
- ``exchanges``: what the plugins sent over HTTP: {service, method, path, query, request_headers, request_body, status,
  response_body, response_headers?}

Placeholders stand for what differs between runs: @AUTH0_DOMAIN@, @GOOGLE@ and @LOCAL@ for addresses; @ARCHIVE@,
@WORK@, @BIN@, @VENV@ and @PYTHON@ for paths; @UUID@.

The program had three enabled APIs, a service account, a versioned bucket, an object with an archive, a Cloud Run
service that runs it, an Auth0 connection (strategy oauth2, name `tiktok`) whose token endpoint is the service's `uri`,
two ConnectionClients and two getClient calls. In 11, 21, 22, 25 and 29 it was smaller: two APIs, an unversioned bucket.

01 first preview, 02 up, 03 nothing changed, 05 refresh, 07 archive changed, 08 client secret changed, 09 connection
renamed (09b back), 10 token URL changed outside, 11 upstream_params by plain json.dumps, 12 import (12b without parent,
12c import_ option, 12d made by hand), 13 Auth0 answers 403, 14 it answers 429 twice, 15 Cloud Run's operation fails on
update, 16 destroy, 17 it fails on create (17b and leaves nothing), 21 everything deleted outside, 22 quiet environment,
25 Automation API, 29 plugin in the Pulumi home, missing, too old, 31 application disabled outside, 32 connection
deleted outside, 33 all-users access and back, 34 application added and removed, 35 display name, 36 digests in clear,
37 fields changed outside, 37b removed outside, 38 Cloud Run's API disabled outside, 39 back to an earlier archive.

Left out: the engine's calls to the program and the CLI's output, which no test reads; 18 (network down) and 27
(untrusted TLS), which have no exchange; 21-then-up, which enables APIs in batches; 26, which has no exchanges and is 01
with --json; 28, a resumable upload.

``python -m tests.support.recordings`` prints the names, ``python -m tests.support.recordings NAME`` one scenario.
"""

import json
import lzma
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

RECORDINGS = Path(__file__).parents[1] / "recordings.jsonl.xz"

Json = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """One command of the CLI: the engine's calls, and the exchanges that the plugins had with the vendors."""

    name: str
    calls: list[Json]
    exchanges: list[Json]


@cache
def read_lines() -> dict[str, str]:
    """Return the text of each scenario by its name."""
    with lzma.open(RECORDINGS, "rt", encoding="utf-8") as lines:
        return {json.loads(line)["scenario"]: line for line in lines}


def load_scenario(name: str, replacements: Mapping[str, str] | None = None) -> Scenario:
    """Return a scenario, with each key of ``replacements`` (placeholders, for example) replaced by its value."""
    text = read_lines()[name]
    for recorded, ours in (replacements or {}).items():
        text = text.replace(recorded, ours)
    scenario = json.loads(text)
    return Scenario(name=name, calls=scenario["calls"], exchanges=scenario["exchanges"])


if __name__ == "__main__":
    if names := sys.argv[1:]:
        sys.stdout.writelines(json.dumps(json.loads(read_lines()[name]), indent=2) + "\n" for name in names)
    else:
        sys.stdout.writelines(f"{name}\n" for name in read_lines())
