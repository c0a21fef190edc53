"""The stacks of this repository, with what a team sets on them."""

from infra.program import deploy
from infra.vendor_rules import THIS_PYTHON
from tests.support.infra.declaring import Recorder, run, stack_config

SECRET = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270"}
TEAM = {
    "auth0:domain": "example.eu.auth0.com",
    "auth0:clientId": "deployer",
    "auth0:clientSecret": "deployer-secret",
    "gcp:project": "example-project",
    "gcp:region": "europe-west1",
    "clientKey": "aw123",
    "clientSecret": "s3cr3t-one",
    "runtime": THIS_PYTHON,
}


def deployed(stack: str = "dev", recorder: Recorder | None = None, /, **settings: object) -> Recorder:
    """Run the program on ``stack`` with what a team sets, and ``settings`` over that (None unsets)."""
    return run(deploy, recorder or Recorder(), stack, stack_config(stack, {**TEAM, **settings}))
