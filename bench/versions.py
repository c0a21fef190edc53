"""The versions of everything that was measured."""

import json
import os
import platform
import subprocess
import sysconfig
from importlib.metadata import version

from bench.stacks import EXPRESS, ROOT

_PACKAGES = ("uvicorn", "starlette", "httptools", "uvloop", "httpx2", "aiohttp")


def versions() -> dict[str, str]:
    """Return the versions of everything that takes part, and how Python was built."""
    node = subprocess.run([EXPRESS.command[0], "--version"], check=True, capture_output=True, text=True).stdout  # noqa: S603  # Node
    packages = json.loads((ROOT / "bench" / "peers" / "express" / "package.json").read_text())["dependencies"]
    return {
        "Python": f"{platform.python_version()} ({_build()})",
        **{name: version(name) for name in _PACKAGES},
        "Node": node.strip().removeprefix("v"),
        **packages,
        "system": f"{platform.system()} {platform.release()} {platform.machine()}, {os.cpu_count()} cores",
    }


def _build() -> str:
    how, flags = sysconfig.get_config_var("CONFIG_ARGS") or "", sysconfig.get_config_var("OPT") or ""
    optimised = "with" if "--enable-optimizations" in how else "without"
    level = next(
        (flag for flag in reversed(f"{flags} {sysconfig.get_config_var('CFLAGS')}".split()) if flag[:2] == "-O"), ""
    )
    return f"{platform.python_compiler()}, {level}, {optimised} profile-guided optimisation"
