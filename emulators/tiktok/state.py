"""The state of one emulated TikTok, which tests script beforehand and inspect afterwards."""

import re
import secrets
import time
from collections import defaultdict, deque
from dataclasses import dataclass, field, replace

from .assumptions import Assumptions
from .faults import Endpoint, Fault, FaultQueue, InjectedError, InjectedFault
from .registry import BASIC, TEST_PERSONS, USER_INFO, App, Person, open_id, person_digest, portal_errors, union_id
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
    """One TikTok.

    ``id_prefix`` comes before each person's ids, so that none can be a real person's. Without ``keep_received``,
    ``received`` stays empty. ``allow_http`` lets web apps register http://localhost. Codes and tokens are signed and
    work at every instance with the same app; only ``used`` (codes, refresh tokens) and ``revoked`` (families) are this
    instance's own. ``home_url`` is linked in the bar above every page, as the way back to a rehearsal.
    """

    assumptions: Assumptions = field(default_factory=Assumptions)
    id_prefix: str = ""
    keep_received: bool = True
    allow_http: bool = False
    home_url: str = ""
    apps: dict[str, App] = field(default_factory=dict[str, App])
    persons: dict[str, Person] = field(default_factory=_test_persons)
    received: Received = field(default_factory=Received)
    faults: FaultQueue = field(default_factory=FaultQueue)
    used: set[str] = field(default_factory=set[str])
    revoked: set[bytes] = field(default_factory=set[bytes])
    user_info_calls: defaultdict[str, deque[float]] = field(
        default_factory=lambda: defaultdict[str, deque[float]](deque)
    )
    # A clock of its own, because the emulator is deployed without emulators.kit.
    _advanced: float = 0

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
        """Register an app, or replace the one with this key; raise ``ValueError`` where TikTok's portal refuses."""
        app = App(
            key=key,
            secret=secret,
            redirect_uris=tuple(redirect_uris),
            scopes=USER_INFO if scopes is None else tuple(scopes),
            organisation=organisation,
            desktop=desktop,
            target_users=None if target_users is None else tuple(target_users),
        )
        if errors := portal_errors(app, allow_http=self.allow_http):
            raise ValueError(" ".join(errors))
        self.apps[key] = app
        return app

    def add_person(self, name: str, *, display_name: str = "", username: str = "", has_avatar: bool = True) -> Person:
        """Add a person, or replace the one with this name, which takes letters, digits, ``.``, ``_`` and ``-``."""
        if not re.fullmatch(r"[\w.-]+", name):
            raise ValueError(f"A person's name takes letters, digits, '.', '_' and '-', but this is {name!r}.")
        person = Person(
            name=name,
            display_name=display_name.strip() or name.title(),
            username=username or name,
            has_avatar=has_avatar,
        )
        self.persons[name] = person
        return person

    def queue_error(self, endpoint: Endpoint, error: str, description: str = "", *, times: int = 1) -> None:
        """Queue an OAuth error, an item of the error page (authorize), or a code of user info's."""
        self.faults.add(endpoint, InjectedError(error=error, description=description), times)

    def queue_fault(self, endpoint: Endpoint, fault: Fault, *, seconds: float = 5, times: int = 1) -> None:
        """Queue a fault; ``seconds`` is how long ``slow`` waits before it answers as usual."""
        self.faults.add(endpoint, InjectedFault(fault=fault, seconds=seconds), times)

    def clear_faults(self) -> None:
        """Forget all queued errors and faults."""
        self.faults.clear()

    def advance_clock(self, seconds: float) -> None:
        self._advanced += seconds

    def assume(self, **changes: bool | int | str) -> None:
        """Change ``assumptions`` by name; raise ``TypeError`` for an unknown name or a value of another type."""
        known = vars(self.assumptions)
        if wrong := [name for name, value in changes.items() if type(value) is not type(known.get(name))]:
            raise TypeError(f"Assumptions has no such field, or another type: {', '.join(wrong)}.")
        self.assumptions = replace(self.assumptions, **changes)  # pyright: ignore[reportArgumentType]  # checked above

    def issue_code(
        self, app: App, person: str, redirect_uri: str, *, scopes: tuple[str, ...] = (BASIC,), challenge: str = ""
    ) -> str:
        """Return a code as the person's consent would, without the consent page."""
        return write_code(app, self.new_grant(person, scopes, self.assumptions.code_seconds), redirect_uri, challenge)

    def new_grant(self, person: str, scopes: tuple[str, ...], seconds: float) -> Grant:
        """Return a grant of a new family that expires in ``seconds``."""
        return Grant(
            person=person_digest(person),
            scopes=scopes,
            expires_at=int(self.now() + seconds),
            family=secrets.token_bytes(8),
        )

    def now(self) -> float:
        """Return seconds since 1970 by this TikTok's clock."""
        return time.time() + self._advanced

    def new_log_id(self) -> str:
        """Return an id in the format of TikTok's: 14 digits of the time and 20 hexadecimal ones."""
        return time.strftime("%Y%m%d%H%M%S", time.gmtime(self.now())) + secrets.token_hex(10).upper()

    def person_of(self, grant: Grant) -> Person | None:
        """Return who gave the grant, or None if it is expired or revoked, or they have no account any more."""
        if self.now() >= grant.expires_at or grant.family in self.revoked:
            return None
        return next((person for person in self.persons.values() if person_digest(person.name) == grant.person), None)

    def open_id(self, app: App, person: Person) -> str:
        return self.id_prefix + open_id(app, person)

    def union_id(self, app: App, person: Person) -> str:
        return self.id_prefix + union_id(app, person)
