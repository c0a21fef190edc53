"""``python -m rehearsal``: deploy onto emulators, show what came of it, and take everything away again."""

import argparse
import json
import os
import sys
import threading
from functools import partial

from pulumi.automation.errors import CommandError

from rehearsal.clerk import clerk_deployment
from rehearsal.deployment import Deployment, deployment
from rehearsal.emulated_vendors import VENDOR_PORTS, PortTakenError
from rehearsal.environment import clean_environment
from rehearsal.exec_command import execute
from rehearsal.plugins import PluginsMissingError
from rehearsal.preview import BaseCommitError, preview_against
from rehearsal.pulumi_cli import PulumiMissingError, pulumi_cli
from rehearsal.runner import Rehearsal
from rehearsal.serve_application import application
from rehearsal.steps import Steps, defer_signals


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m rehearsal", description=__doc__)
    parser.add_argument("--once", action="store_true", help="do not wait for Ctrl-C before everything is taken away")
    parser.add_argument("--port", type=int, default=0, metavar="N", help="take ports from N on, in place of free ones")
    parser.add_argument("--plugins", choices=["stand-in", "released"], default="stand-in", help="the provider plugins")
    parser.add_argument("--identity", choices=["auth0", "clerk"], default="auth0", help="who signs people in")
    parser.add_argument("--json", action="store_true", help="print outputs and times as one JSON object")
    acts = parser.add_subparsers(dest="act", metavar="exec | preview")
    previewing = acts.add_parser("preview", help="say what these files would change of what another commit deployed")
    previewing.add_argument("--base", required=True, metavar="COMMIT", help="the commit to compare with")
    executing = acts.add_parser(
        "exec", help="run a command meanwhile, such as the tests of an application, and end with its exit code"
    )
    executing.add_argument(
        "--callback", action="append", required=True, metavar="URL", help="where people come back to"
    )
    executing.add_argument("command", nargs="+", help="the command, after --")
    arguments = parser.parse_args()
    if arguments.identity == "clerk" and (arguments.act or arguments.port or arguments.plugins == "released"):
        parser.error(
            "--identity clerk goes with none of exec, preview, --port and --plugins: there is nothing to sign in to"
        )
    return arguments


def _meanwhile(arguments: argparse.Namespace, deployed: Deployment, steps: Steps, ended: threading.Event) -> int:
    """Do what this rehearsal is for, once all of it is up, and return the exit code."""
    if arguments.act == "exec":
        return execute(deployed, arguments.callback, arguments.command, arguments.environment, ended)
    if not arguments.once:
        with application(deployed.vendors, arguments.port and arguments.port + VENDOR_PORTS) as origin:
            steps.say(f"\nSign in with TikTok at {origin}/\nAll of this stays up until Ctrl-C.")
            ended.wait()
    return 0


def _rehearse(arguments: argparse.Namespace, steps: Steps) -> int:
    with steps.step("engine"):
        command = pulumi_cli()
        steps.say(f"Pulumi {command.version} ({command.command})")
    if arguments.act == "preview":
        return preview_against(arguments.base, command, steps)
    with defer_signals() as ended:
        if arguments.identity == "clerk":
            with clerk_deployment(command) as deployed:
                rehearsal = Rehearsal(deployed.stack, steps)
                code = rehearsal.play(ended, partial(deployed.show, steps))
        else:
            with deployment(command, plugins=arguments.plugins, first_port=arguments.port) as deployed:
                rehearsal = Rehearsal(deployed.stack, steps)
                code = rehearsal.play(ended, partial(_meanwhile, arguments, deployed, steps, ended))
    steps.say(f"\nNothing is left. It took: {steps.times()}.")
    if arguments.json:
        print(json.dumps({"outputs": rehearsal.outputs, "seconds": steps.seconds}))
    return code


def main() -> int:
    """Rehearse as the command line says, and return the exit code; what stops it is told in a sentence."""
    arguments = _arguments()
    try:
        with clean_environment() as hidden:
            arguments.environment = {**os.environ, **hidden}
            return _rehearse(arguments, Steps(sys.stderr if arguments.json or arguments.act == "exec" else sys.stdout))
    except CommandError:
        print("\nThe engine failed, as it says above; nothing is left of this rehearsal.", file=sys.stderr)
    except (PulumiMissingError, PluginsMissingError, PortTakenError, BaseCommitError) as reason:
        print(reason, file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
