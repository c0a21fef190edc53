"""``python -m rehearsal.pulumi_download ROOT VERSION``: a process of its own, so that it can be ended in time."""

import sys

from pulumi.automation import PulumiCommand
from semver import VersionInfo

if __name__ == "__main__":
    root, version = sys.argv[1:]
    PulumiCommand.install(root, VersionInfo.parse(version))
