"""``python -m rehearsal``: deploy onto emulators, show what came of it, and take everything away again."""

import argparse
import json
import sys

from pulumi.automation.errors import CommandError

from rehearsal.acts import Rehearsal
from rehearsal.deployment import deployment
from rehearsal.environment import hidden_setup
from rehearsal.plugins import NoPlugins
from rehearsal.pulumi_cli import NoPulumi, pulumi_cli
from rehearsal.steps import Steps, signals_kept
from rehearsal.world import PortTaken


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m rehearsal", description=__doc__)
    parser.add_argument("--once", action="store_true", help="do not wait for Ctrl-C before everything is taken away")
    parser.add_argument("--port", type=int, default=0, metavar="N", help="take ports from N on, in place of free ones")
    parser.add_argument("--plugins", choices=["stand-in", "released"], default="stand-in", help="the provider plugins")
    parser.add_argument("--json", action="store_true", help="print outputs and times as one JSON object")
    return parser.parse_args()


def _rehearse(arguments: argparse.Namespace, steps: Steps) -> None:
    with steps.step("engine"):
        command = pulumi_cli()
        steps.say(f"Pulumi {command.version} ({command.command})")
    with signals_kept() as ended:
        made = deployment(command, plugins=arguments.plugins, first_port=arguments.port)
        with made as deployed:
            rehearsal = Rehearsal(deployed.stack, steps)
            rehearsal.play(ended, once=arguments.once)
    steps.say(f"\nNothing is left. It took: {steps.times()}.")
    if arguments.json:
        print(json.dumps({"outputs": rehearsal.outputs, "seconds": steps.seconds}))


def main() -> int:
    """Rehearse as the command line says, and return the exit code; what stops it is told in a sentence."""
    arguments = _arguments()
    try:
        with hidden_setup():
            _rehearse(arguments, Steps(sys.stderr if arguments.json else sys.stdout))
    except CommandError:
        print("\nThe engine failed, as it says above; nothing is left of this rehearsal.", file=sys.stderr)
    except (NoPulumi, NoPlugins, PortTaken) as reason:
        print(reason, file=sys.stderr)
    else:
        return 0
    return 1


if __name__ == "__main__":
    sys.exit(main())
