"""The calls of a deployment to Google that a test needs."""

import gzip
import io
import os
import socket
import tarfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx2

from emulators.google_cloud.run.base_images import THIS_PYTHON

SERVICES = "/v2/projects/proj-1/locations/europe-west1/services"
APIS = frozenset(f"{api}.googleapis.com" for api in ("cloudresourcemanager", "iam", "run", "serviceusage", "storage"))
"""What a project has enabled, and for long, before somebody deploys to it."""
ACCOUNT = "runner@proj-1.iam.gserviceaccount.com"
HELLO = """
import http.server, json, os, sys, time

class Hello(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        if self.path == "/die":
            os._exit(3)
        if self.path == "/slow":
            print("slow", flush=True)
            time.sleep(0.7)
        sick = self.path == "/health" and os.environ.get("SICK")
        answer = {
            "environment": dict(os.environ), "headers": dict(self.headers), "path": self.path, "pid": os.getpid(),
            "folder": os.getcwd(), "files": os.listdir(), "python": sys.version_info[:3],
            "body": self.rfile.read(int(self.headers.get("Content-Length", 0))).decode(),
        }
        body = json.dumps(answer).encode()
        self.send_response(500 if sick else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET

    def log_message(self, *args):
        pass

print("listening as", os.environ["K_REVISION"], flush=True)
http.server.ThreadingHTTPServer((os.environ["HOST"], int(os.environ["PORT"])), Hello).serve_forever()
"""
BROKEN = "import sys; sys.exit('the reason it broke')"


def archive(**files: str) -> bytes:
    """Pack sources, named without their ``.py``, as a deployment does: tar.gz."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        for name, text in files.items():
            member = tarfile.TarInfo(f"{name}.py")
            member.size, member.mode = len(text.encode()), 0o644
            tar.addfile(member, io.BytesIO(text.encode()))
    return gzip.compress(packed.getvalue(), mtime=0)


def eventually(holds: Callable[[], bool], seconds: float = 5) -> None:
    """Wait until something holds; an ``AssertionError`` where it does not within ``seconds``."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"It did not hold within {seconds} s."
        time.sleep(0.01)


def reachable(origin: str) -> bool:
    """Tell whether anything listens at an origin."""
    url = httpx2.URL(origin)
    with socket.socket() as client:
        return client.connect_ex((url.host, url.port or 80)) == 0


def running(process: int) -> bool:
    """Tell whether a process exists; a zombie does."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


@dataclass
class Deployer:
    """Somebody who deploys to the emulated project."""

    http: httpx2.Client
    bucket: str = "sources"

    def prepare(self) -> None:
        """Make an account and a versioned bucket."""
        self.call("POST", "/v1/projects/proj-1/serviceAccounts", {"accountId": "runner"})
        rule = {"action": {"type": "Delete"}, "condition": {"daysSinceNoncurrentTime": 30}}
        bucket = {"name": self.bucket, "location": "europe-west1", "versioning": {"enabled": True}}
        self.call("POST", "/storage/v1/b?project=proj-1", bucket | {"lifecycle": {"rule": [rule]}})

    def call(self, method: str, path: str, body: object = None) -> Any:  # noqa: ANN401  # any JSON value
        """Send one request and return the JSON that is answered; an error is raised with its message."""
        answer = self.http.request(method, path, json=body)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    def upload(self, content: bytes, name: str = "source.tar.gz") -> str:
        """Upload an object and return its generation."""
        metadata = f'{{"bucket":"{self.bucket}","contentType":"application/gzip"}}'
        body = b"\r\n".join([
            b"--frontier", b"Content-Type: application/json", b"", metadata.encode(),
            b"--frontier", b"Content-Type: application/gzip", b"", content, b"--frontier--", b"",
        ])  # fmt: skip
        answer = self.http.post(
            f"/upload/storage/v1/b/{self.bucket}/o",
            params={"alt": "json", "name": name, "uploadType": "multipart"},
            headers={"content-type": "multipart/related; boundary=frontier"},
            content=iter([body[:40], body[40:]]),
        )
        assert answer.is_success, answer.text
        return answer.json()["generation"]

    def declared(self, generation: str, **service: Any) -> dict[str, Any]:  # noqa: ANN401  # any JSON value
        """Return a service that runs ``main.py`` of an uploaded archive."""
        container = {
            "image": "scratch",
            "baseImageUri": THIS_PYTHON,
            "command": ["python"],
            "args": ["main.py"],
            "env": [{"name": "HOST", "value": "0.0.0.0"}, {"name": "GREETING", "value": "hello"}],  # noqa: S104  # as declared
            "sourceCode": {
                "cloudStorageSource": {"bucket": self.bucket, "object": "source.tar.gz", "generation": generation}
            },
            "resources": {"limits": {"cpu": "1", "memory": "512Mi"}, "cpuIdle": True, "startupCpuBoost": True},
            "startupProbe": {"httpGet": {"path": "/health"}, "periodSeconds": 5, "failureThreshold": 6},
        }
        template = {"serviceAccount": ACCOUNT, "containers": [container | service.pop("container", {})]}
        return {"invokerIamDisabled": True, "template": template | service.pop("template", {})} | service

    def create(self, service: dict[str, Any], name: str = "hello") -> dict[str, Any]:
        """Create a service and return the operation, ended."""
        return self.ended(self.call("POST", f"{SERVICES}?serviceId={name}", service))

    def update(self, service: dict[str, Any], name: str = "hello") -> dict[str, Any]:
        """Update a service and return the operation, ended."""
        return self.ended(self.call("PATCH", f"{SERVICES}/{name}", service))

    def service(self, name: str = "hello") -> dict[str, Any]:
        """Read a service."""
        return self.call("GET", f"{SERVICES}/{name}")

    def ask(self, path: str = "/", name: str = "hello") -> Any:  # noqa: ANN401  # any JSON value
        """Ask a running service, which answers with all that it knows."""
        return self.visit(path, name=name).raise_for_status().json()

    def visit(self, path: str, method: str = "GET", *, name: str = "hello", **request: Any) -> httpx2.Response:  # noqa: ANN401  # as httpx2 takes it
        """Send a request to a running service, at its own address."""
        address = self.service(name)["uri"]
        with httpx2.Client(trust_env=False, timeout=20) as anybody:
            return anybody.request(method, f"{address}{path}", **request)

    def ended(self, operation: dict[str, Any]) -> dict[str, Any]:
        """Poll until the operation has ended, and return it."""
        for _ in range(10):
            if operation.get("done"):
                return operation
            operation = self.call("GET", f"/v2/{operation['name']}")
        raise AssertionError(f"{operation['name']} did not end.")
