"""The template that `pulumi new` copies."""

import yaml

from infra.archive.cache import project_version
from tests.support.infra.declaring import ROOT

_TEMPLATE = ROOT / "templates" / "tiktok-login"


def test_the_template_takes_the_package_in_this_version() -> None:
    program = yaml.safe_load((_TEMPLATE / "Pulumi.yaml").read_text())
    assert program["packages"] == {"tiktok-login": f"github.com/OWNER/REPO/infra@{project_version()}"}


def test_the_template_is_one_file_and_asks_for_every_setting_without_a_default() -> None:
    assert [path.name for path in _TEMPLATE.iterdir()] == ["Pulumi.yaml"]
    program = yaml.safe_load((_TEMPLATE / "Pulumi.yaml").read_text())
    assert set(program["config"]) <= set(program["template"]["config"])
