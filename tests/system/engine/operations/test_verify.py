"""``make verify`` finds each thing that can be wrong with a live stack, and says what to do."""

import json
import time
from collections.abc import Generator, Mapping
from dataclasses import dataclass, replace

import pytest

from emulators.auth0.rate_limit import FREE_PLAN
from operations.stack import LiveStack
from operations.verify.check import run_checks
from operations.verify.live import LIVE
from rehearsal.emulated_vendors import APPLICATION
from tests.support.operations import breaking
from tests.support.operations.typing_commands import Shell

Findings = Mapping[str, Mapping[str, object]]


def verify(shell: Shell, *arguments: str) -> tuple[int, Findings]:
    """Type the command, and return the exit code and the findings, by check."""
    done = shell.python("-m", "operations.verify", "rehearsal", "--json", *arguments)
    assert_no_secret(shell, done.stdout + done.stderr)
    return done.returncode, {each["check"]: each for each in json.loads(done.stdout)}


def assert_no_secret(shell: Shell, said: str) -> None:
    vendors = shell.deployed.vendors
    assert all(secret not in said for secret in (vendors.client_secret, vendors.deployer_secret))


@pytest.fixture(name="live", scope="module")
def live_stack(deployed: Shell) -> Generator[LiveStack]:
    """Yield the deployed stack, as it is read by the CLI."""
    with deployed.entered():
        yield LiveStack.read("rehearsal")


def probed(shell: Shell, live: LiveStack) -> Findings:
    """Return the findings of every check but the slow one, which asks the engine."""
    anew = replace(live)  # which has not asked Auth0 for a token yet
    found = {each.check: each.to_json() for each in run_checks(LIVE[:-1], anew)}
    assert_no_secret(shell, json.dumps(found))
    return found


def failing(findings: Findings) -> list[str]:
    return [name for name, finding in findings.items() if not finding["holds"]]


def test_everything_holds_on_a_stack_that_works(deployed: Shell) -> None:
    code, found = verify(deployed)

    assert failing(found) == []
    assert code == 0
    assert list(found) == [check.name for check in LIVE]


LOGIN = "Auth0 login"
REACHED, ENCRYPTED, HEALTHY, STRANGERS = "proxy reachable", "TLS", "health", "wrong secret refused"
CODE, ENABLED, SENT = "false code refused by TikTok", "connection enabled", "people are sent to TikTok"


@dataclass(frozen=True)
class Breakage:
    """What is broken, which checks notice, and a word of what the first of them says."""

    broken: breaking.Breaking
    noticed: list[str]
    word: str


BREAKAGES = {
    "another secret of the deployer": Breakage(
        breaking.other_secret_of_deployer, [LOGIN, STRANGERS, CODE, ENABLED, SENT], "(401)"
    ),
    "nobody at the address": Breakage(breaking.gone, [REACHED, HEALTHY, STRANGERS, CODE], "refused"),
    "refused at the front door": Breakage(breaking.answering("/", 403), [REACHED], "answers 403."),
    "a certificate of nobody's": Breakage(
        breaking.by_a_certificate_of_nobody, [REACHED, ENCRYPTED, HEALTHY, STRANGERS, CODE], "certificate verify failed"
    ),
    "unhealthy": Breakage(breaking.answering("/health", 503), [HEALTHY], "answers 503."),
    "open to strangers": Breakage(breaking.with_any_secret, [STRANGERS], "is 400 invalid_grant"),
    "another secret at TikTok": Breakage(breaking.other_secret_at_tiktok, [CODE], "invalid_client"),
    "TikTok is down": Breakage(breaking.tiktok_is_down, [CODE], "502 server_error"),
    "switched off": Breakage(breaking.switched_off, [ENABLED, SENT], f"is off for {APPLICATION}"),
    "edited upstream_params": Breakage(breaking.edited(upstream_params={}), [SENT], "client_key=None"),
    "scopes with blanks": Breakage(
        breaking.edited(scope=["user.info.basic", "user.info.profile"]),
        [SENT],
        "scope=user.info.basic user.info.profile",
    ),
    "version 1 of the authorize address": Breakage(
        breaking.edited(authorizationURL="https://www.tiktok.com/auth/authorize/"),
        [SENT],
        "sends people to https://www.tiktok.com/auth/authorize/",
    ),
    "no callback": Breakage(breaking.callbacks(), [SENT], "has no Allowed Callback URL"),
    "no callback but a wildcard": Breakage(breaking.callbacks("https://*.example.com/"), [SENT], "has no Allowed"),
    "options that may not be read": Breakage(
        breaking.without_scope("read:connections_options"),
        [STRANGERS, CODE, SENT],
        "read:connections_options is missing",
    ),
}


def test_each_check_is_made_to_fail() -> None:
    noticed = {check for breakage in BREAKAGES.values() for check in breakage.noticed}
    assert noticed == {check.name for check in LIVE[:-1]}


@pytest.mark.parametrize("name", BREAKAGES)
def test_what_is_broken_is_noticed_and_has_a_remedy(deployed: Shell, live: LiveStack, name: str) -> None:
    breakage = BREAKAGES[name]
    with breakage.broken(deployed, live) as broken:
        found = probed(deployed, broken)

    assert failing(found) == breakage.noticed
    assert breakage.word in str(found[breakage.noticed[0]]["seen"])
    assert all(found[check]["remedy"] for check in breakage.noticed)


def test_the_rate_limit_of_auth0s_free_plan_is_waited_for(deployed: Shell, live: LiveStack) -> None:
    limits, began = deployed.deployed.vendors.tenant.rate_limits, time.monotonic()
    before, limits.plan = limits.plan, FREE_PLAN
    found = probed(deployed, live)
    limits.plan = before

    assert failing(found) == []
    # Seven calls of the Management API, of which the plan lets two through at once and two more each second.
    assert time.monotonic() - began > 2


def test_only_this_machine_is_spoken_to_without_tls(deployed: Shell, live: LiveStack) -> None:
    tls = breaking.at(live, deployed.deployed.vendors.auth0_origin)
    assert probed(deployed, tls)[ENCRYPTED]["seen"] == "TLSv1.3 with a valid certificate."
    assert probed(deployed, live)[ENCRYPTED]["seen"] == "http, on this machine only."
    plain = breaking.at(live, "http://proxy.invalid")
    assert probed(deployed, plain)[ENCRYPTED]["seen"] == "The proxy's address is plain http."


def test_drift_is_noticed(deployed: Shell, live: LiveStack) -> None:
    with breaking.edited(pkce_enabled=True)(deployed, live):
        code, found = verify(deployed)

    assert (code, failing(found)) == (1, ["no drift"])


def test_an_undeployed_stack_is_told_of_in_a_sentence(own: Shell) -> None:
    done = own.python("-m", "operations.verify", "rehearsal")

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "Stack rehearsal has no connection at Auth0 yet: pulumi up --stack rehearsal.\n"
