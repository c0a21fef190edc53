"""What tests of several parts need."""

import os

import pytest
from pulumi.automation import PulumiCommand

from rehearsal.pulumi_cli import NoPulumi, pulumi_cli


@pytest.fixture(scope="session")
def pulumi() -> PulumiCommand:
    """Return Pulumi's engine; where there is none to be had a test is skipped, but fails in CI (``CI=true``)."""
    try:
        return pulumi_cli()
    except NoPulumi as reason:
        if os.environ.get("CI") == "true":
            pytest.fail(str(reason), pytrace=False)
        pytest.skip(str(reason))
