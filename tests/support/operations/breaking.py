"""Faults of a live stack: each context manager breaks one thing, yields the stack to probe, and repairs it."""

from collections.abc import Callable, Generator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from urllib.parse import parse_qsl

import httpx2
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from emulators.auth0.state import Record
from emulators.kit.authority import ThrowAwayAuthority
from emulators.kit.serving import free_port, serving
from operations.stack import LiveStack
from rehearsal.emulated_vendors import APPLICATION, CONNECTION, EmulatedVendors
from tests.support.operations.typing_commands import Shell

Breaking = Callable[[Shell, LiveStack], AbstractContextManager[LiveStack]]


def connection_of(vendors: EmulatedVendors) -> Record:
    connection = vendors.tenant.connection_named(CONNECTION)
    assert connection
    return connection


def edited(**changed: object) -> Breaking:
    """Edit the connection by hand, and undo it."""

    @contextmanager
    def breaking(shell: Shell, live: LiveStack) -> Generator[LiveStack]:
        options = connection_of(shell.deployed.vendors)["options"]
        before = dict(options)
        options.update(changed)
        yield live
        options.clear()
        options.update(before)

    return breaking


@contextmanager
def switched_off(shell: Shell, live: LiveStack) -> Generator[LiveStack]:
    tenant = shell.deployed.vendors.tenant
    [connection] = tenant.connections
    tenant.enabled[connection].remove(APPLICATION)
    yield live
    tenant.enabled[connection].append(APPLICATION)


@contextmanager
def other_secret_at_tiktok(shell: Shell, live: LiveStack) -> Generator[LiveStack]:
    vendors = shell.deployed.vendors
    app = vendors.tiktok.apps[vendors.client_key]
    vendors.tiktok.apps[app.key] = replace(app, secret="another-secret")
    yield live
    vendors.tiktok.apps[app.key] = app


@contextmanager
def other_secret_of_deployer(shell: Shell, live: LiveStack) -> Generator[LiveStack]:
    client = shell.deployed.vendors.tenant.clients[live.setting("auth0:clientId")]
    before, client["client_secret"] = client["client_secret"], "another-secret"
    yield live
    client["client_secret"] = before


@contextmanager
def tiktok_is_down(shell: Shell, live: LiveStack) -> Generator[LiveStack]:
    shell.deployed.vendors.tiktok.queue_fault("token", "internal_error", times=10)
    yield live
    shell.deployed.vendors.tiktok.clear_faults()


def callbacks(*changed: str) -> Breaking:
    """Let people come back to the application at ``changed`` only."""

    @contextmanager
    def breaking(shell: Shell, live: LiveStack) -> Generator[LiveStack]:
        client = shell.deployed.vendors.tenant.clients[APPLICATION]
        before, client["callbacks"] = client["callbacks"], list(changed)
        yield live
        client["callbacks"] = before

    return breaking


@contextmanager
def confirmed_callbacks(shell: Shell) -> Generator[None]:
    """Let Auth0 ask for a confirmation before it sends people to a callback on loopback, as it does by default."""
    client = shell.deployed.vendors.tenant.clients[APPLICATION]
    before = client.pop("skip_non_verifiable_callback_uri_confirmation_prompt")
    yield
    client["skip_non_verifiable_callback_uri_confirmation_prompt"] = before


def without_scope(scope: str) -> Breaking:
    """Take a scope from the application that deploys."""

    @contextmanager
    def breaking(shell: Shell, live: LiveStack) -> Generator[LiveStack]:
        grants = shell.deployed.vendors.tenant.grants
        before = dict(grants)
        grants.update({name: scopes - {scope} for name, scopes in before.items()})
        yield live
        grants.update(before)

    return breaking


def at(live: LiveStack, origin: str) -> LiveStack:
    """Return the stack as if its proxy were at ``origin``."""
    return replace(live, outputs={**live.outputs, "proxy_url": origin, "health_url": f"{origin}/health"})


@contextmanager
def gone(_: Shell, live: LiveStack) -> Generator[LiveStack]:
    yield at(live, f"http://127.0.0.1:{free_port()}")


@dataclass(frozen=True, kw_only=True)
class Front:
    """What stands before the proxy, answers some paths by a status of its own, and may change the secret in a form."""

    proxy: str
    statuses: Mapping[str, int]
    secret: str

    async def pass_on(self, request: Request) -> Response:
        """Answer as the proxy does, or as it does not."""
        if status := self.statuses.get(request.url.path):
            return Response(status_code=status)
        form = dict(parse_qsl((await request.body()).decode()))
        if self.secret:
            form["client_secret"] = self.secret
        async with httpx2.AsyncClient() as client:
            answer = await client.request(request.method, f"{self.proxy}{request.url.path}", data=form or None)
        return Response(answer.content, answer.status_code, {"content-type": answer.headers["content-type"]})


@contextmanager
def fronted(
    live: LiveStack, statuses: Mapping[str, int], secret: str = "", *, tls: bool = False
) -> Generator[LiveStack]:
    front = Front(proxy=live.outputs["proxy_url"], statuses=statuses, secret=secret)
    app = Starlette(routes=[Route("/{path:path}", front.pass_on, methods=["GET", "POST"])])
    with serving(app, tls=ThrowAwayAuthority().server_context() if tls else None) as origin:
        yield at(live, origin)


def answering(path: str, status: int) -> Breaking:
    return lambda _, live: fronted(live, {path: status})


def with_any_secret(shell: Shell, live: LiveStack) -> AbstractContextManager[LiveStack]:
    return fronted(live, {}, shell.deployed.vendors.client_secret)


def by_a_certificate_of_nobody(_: Shell, live: LiveStack) -> AbstractContextManager[LiveStack]:
    return fronted(live, {}, tls=True)
