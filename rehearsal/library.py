"""A rehearsal for other programs, for example as a pytest fixture (docs/application-tests.md)."""

import os
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from emulators.tiktok import TikTok
from rehearsal.deployment import deployment
from rehearsal.emulated_vendors import Registration
from rehearsal.environment import clean_environment
from rehearsal.exec_command import add_apis, sign_in_environment
from rehearsal.pulumi_cli import pulumi_cli

__all__ = ["Registration", "Rehearsal", "rehearsal"]


@dataclass(frozen=True, kw_only=True)
class Rehearsal:
    """A deployed stack: the variables that ``exec`` would set, and TikTok, whose persons and errors a test decides."""

    environment: dict[str, str] = field(repr=False)
    tiktok: TikTok


@contextmanager
def rehearsal(*applications: Registration, apis: Mapping[str, Sequence[str]] | None = None) -> Generator[Rehearsal]:
    """Deploy everything onto emulators, with ``applications`` registered, until the block ends.

    ``apis`` has the scopes of each API by its identifier, which applications send as ``audience``.
    Until then, this process's variables for Pulumi, Auth0 and Google are hidden. The engine needs an event loop:
    inside a running one, such as Playwright's, enter this block first. Raise ``PulumiMissingError`` without a CLI, and
    Pulumi's ``CommandError`` if it fails.
    """
    own = dict(os.environ)
    with clean_environment(), deployment(pulumi_cli(), applications=applications) as deployed:
        add_apis(deployed, apis or {})
        deployed.stack.up()
        with sign_in_environment(deployed, own) as environment:
            yield Rehearsal(environment=environment, tiktok=deployed.vendors.tiktok)
