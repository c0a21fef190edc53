"""The state of one emulated TikTok: what is scripted beforehand and questioned afterwards."""

import re
import secrets
import time
from collections import defaultdict, deque
from dataclasses import dataclass, field, replace

from .apps import BASIC, USER_INFO, App, faults_of
from .persons import TEST_PERSONS, Person, open_id, person_digest, union_id
from .rules import Rules
from .script import Breakage, Endpoint, Fault, Refusal, Script
from .signing import Grant, write_code


@dataclass
class Received:
    """The parameters of each request, in the order of arrival, secrets included."""

    authorize: list[dict[str, str]] = field(default_factory=list[dict[str, str]])
    token: list[dict[str, str]] = field(default_factory=list[dict[str, str]])
    revoke: list[dict[str, str]] = field(default_factory=list[dict[str, str]])
    user_info: list[dict[str, str]] = field(default_factory=list[dict[str, str]])


def _test_persons() -> dict[str, Person]:
    return {person.name: person for person in TEST_PERSONS}


@dataclass
class TikTok:
    """A TikTok that tests can script beforehand and question afterwards.

    ``id_prefix`` is put before each person's ids, so that none can be a real person's; with ``remembers`` off nothing
    of what was received is kept. What was ``spent`` (codes, refresh tokens) or ``revoked`` is known to this instance
    alone: everything else is signed, and good at any instance with the same app.
    """

    rules: Rules = field(default_factory=Rules)
    id_prefix: str = ""
    remembers: bool = True
    apps: dict[str, App] = field(default_factory=dict[str, App])
    persons: dict[str, Person] = field(default_factory=_test_persons)
    received: Received = field(default_factory=Received)
    script: Script = field(default_factory=Script)
    spent: set[str] = field(default_factory=set[str])
    revoked: set[bytes] = field(default_factory=set[bytes])
    user_info_calls: defaultdict[str, deque[float]] = field(
        default_factory=lambda: defaultdict[str, deque[float]](deque)
    )
    _ahead: float = 0

    def register_app(  # noqa: PLR0913  # the fields of TikTok's portal
        self,
        key: str,
        secret: str,
        redirect_uris: list[str],
        *,
        scopes: list[str] | None = None,
        desktop: bool = False,
        target_users: list[str] | None = None,
        organisation: str = "organisation",
    ) -> App:
        """Register an app, or replace the one of that key; what TikTok's portal would refuse is a ``ValueError``."""
        app = App(
            key=key,
            secret=secret,
            redirect_uris=tuple(redirect_uris),
            scopes=USER_INFO if scopes is None else tuple(scopes),
            organisation=organisation,
            desktop=desktop,
            target_users=None if target_users is None else tuple(target_users),
        )
        if faults := faults_of(app, http_loopback=self.rules.http_loopback_redirects):
            raise ValueError(" ".join(faults))
        self.apps[key] = app
        return app

    def add_person(self, name: str, *, display_name: str = "", username: str = "", has_avatar: bool = True) -> Person:
        """Add a person, or replace the one of that name, which is of letters, digits, ``.`` and ``-``."""
        if not re.fullmatch(r"[\w.-]+", name):
            raise ValueError(f"A person's name is of letters, digits, '.' and '-', but this is {name!r}.")
        person = Person(
            name=name,
            display_name=display_name.strip() or name.title(),
            username=username or name,
            has_avatar=has_avatar,
        )
        self.persons[name] = person
        return person

    def refuse_next(self, endpoint: Endpoint, error: str, description: str = "", *, times: int = 1) -> None:
        """Queue an OAuth error, an item of the error page (authorize), or a code of user info's."""
        self.script.queue(endpoint, Refusal(error=error, description=description), times)

    def break_next(self, endpoint: Endpoint, fault: Fault, *, seconds: float = 5, times: int = 1) -> None:
        """Queue a fault; ``seconds`` is how long ``slow`` waits before it answers as usual."""
        self.script.queue(endpoint, Breakage(fault=fault, seconds=seconds), times)

    def mend(self) -> None:
        """Forget every queued error and fault."""
        self.script.clear()

    def move_clock(self, seconds: float) -> None:
        """Move this TikTok's clock on by so many seconds."""
        self._ahead += seconds

    def set_rules(self, **changes: bool | int) -> None:
        """Switch rules, by their names in ``Rules``; an unknown name or another type is a ``TypeError``."""
        if wrong := [
            name for name, value in changes.items() if type(value) is not type(getattr(self.rules, name, value))
        ]:
            raise TypeError(f"Not of the type that Rules gives it: {', '.join(wrong)}.")
        self.rules = replace(self.rules, **changes)

    def issue_code(
        self, app: App, person: str, redirect_uri: str, *, scopes: tuple[str, ...] = (BASIC,), challenge: str = ""
    ) -> str:
        """Return the code that the person's consent brings, without the consent page."""
        return write_code(app, self.grant(person, scopes, self.rules.code_seconds), redirect_uri, challenge)

    def grant(self, person: str, scopes: tuple[str, ...], seconds: float) -> Grant:
        """Return a grant of a new family that lasts ``seconds`` from now."""
        return Grant(
            person=person_digest(person),
            scopes=scopes,
            expires_at=int(self.now() + seconds),
            family=secrets.token_bytes(8),
        )

    def now(self) -> float:
        """Return the time, in epoch seconds, by this TikTok's clock."""
        return time.time() + self._ahead

    def holder(self, grant: Grant) -> Person | None:
        """Return who gave the grant; None if it has expired, was revoked, or they have no account any more."""
        if self.now() >= grant.expires_at or grant.family in self.revoked:
            return None
        return next((person for person in self.persons.values() if person_digest(person.name) == grant.person), None)

    def open_id(self, app: App, person: Person) -> str:
        """Return the id that the app knows the person by."""
        return self.id_prefix + open_id(app, person)

    def union_id(self, app: App, person: Person) -> str:
        """Return the id that all apps of the app's organisation know the person by."""
        return self.id_prefix + union_id(app, person)
