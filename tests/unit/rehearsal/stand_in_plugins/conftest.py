"""A scripted server that the stand-in plugins are tested against."""

from collections.abc import Generator

import pytest

from emulators.kit.authority import ThrowAwayAuthority
from emulators.kit.serving import serving
from tests.support.plugins.archives import find_archives
from tests.support.plugins.replay import Stage
from tests.support.plugins.scripted_server import ScriptedServer


@pytest.fixture(scope="session")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Generator[Stage]:
    """Serve one scripted server as Google Cloud and as Auth0, and write the made-up archives to a folder."""
    folder = tmp_path_factory.mktemp("archives")
    for archive in find_archives():
        (folder / archive.name).write_bytes(archive.content)
    server, authority = ScriptedServer(), ThrowAwayAuthority()
    with serving(server) as google, serving(server, tls=authority.server_context()) as auth0:
        placeholders = {"@GOOGLE@": google, "@AUTH0_DOMAIN@": auth0.removeprefix("https://"), "@ARCHIVE@": str(folder)}
        yield Stage(server=server, tls=authority.client_context(), placeholders=placeholders)
