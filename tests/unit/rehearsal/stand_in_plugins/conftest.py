"""The stage that the plugins' tests play on."""

from collections.abc import Generator

import pytest

from emulators.kit.authority import ThrowAwayAuthority
from emulators.kit.serving import serving
from tests.support.plugins.recorded import archives
from tests.support.plugins.replaying import Stage
from tests.support.plugins.scripted import ScriptedServer


@pytest.fixture(scope="session")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Generator[Stage]:
    """Serve one scripted server as Google Cloud and as Auth0, and lay out made-up archives."""
    folder = tmp_path_factory.mktemp("archives")
    for archive in archives():
        (folder / archive.name).write_bytes(archive.content)
    server, authority = ScriptedServer(), ThrowAwayAuthority()
    with serving(server) as google, serving(server, tls=authority.server_context()) as auth0:
        places = {"@GOOGLE@": google, "@AUTH0_DOMAIN@": auth0.removeprefix("https://"), "@ARCHIVE@": str(folder)}
        yield Stage(server=server, tls=authority.client_context(), places=places)
