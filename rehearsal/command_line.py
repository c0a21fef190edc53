"""The command line: deploy the program onto emulators, show the result, and remove everything."""

import argparse
import json
import os
import sys
from collections.abc import Mapping
from threading import Event

from pulumi.automation import PulumiCommand
from pulumi.automation.errors import CommandError

from rehearsal import STARTED
from rehearsal.arguments import parse_arguments
from rehearsal.clerk import clerk_deployment
from rehearsal.deployment import Deployment, deployment
from rehearsal.emulated_vendors import VENDOR_PORTS, PortTakenError, Registration
from rehearsal.environment import clean_environment
from rehearsal.exec_command import add_apis, execute
from rehearsal.plugins import PluginsMissingError
from rehearsal.preview import BaseCommitError, preview_against
from rehearsal.pulumi_cli import PulumiMissingError, pulumi_cli
from rehearsal.runner import Interruption, Steps, defer_signals, deployed_stack, update


def main() -> int:
    """Rehearse as the command line says, and return the exit code; an error is one sentence on stderr."""
    arguments = parse_arguments()
    stream = sys.stderr if arguments.json or arguments.subcommand == "exec" else sys.stdout
    steps = Steps(stream, quiet=arguments.quiet, mark=STARTED)
    steps.finish("start-up")
    try:
        with clean_environment() as hidden:
            return _rehearse(arguments, steps, {**os.environ, **hidden})
    except CommandError:
        steps.show_held_back()
        print("\nThe engine failed; its output is above. Nothing is left of this rehearsal.", file=sys.stderr)
    except (PulumiMissingError, PluginsMissingError, PortTakenError, BaseCommitError) as reason:
        print(reason, file=sys.stderr)
    return 1


def _rehearse(arguments: argparse.Namespace, steps: Steps, environment: Mapping[str, str]) -> int:
    with steps.step("engine"):
        engine = pulumi_cli()
        steps.say(f"Pulumi {engine.version} ({engine.command})")
    with defer_signals() as interrupted:
        if arguments.subcommand == "preview":
            preview_against(arguments.base, engine, steps, interrupted)
            return 0
        if arguments.identity == "clerk":
            code, outputs = _rehearse_on_clerk(engine, steps, interrupted)
        else:
            code, outputs = _rehearse_on_auth0(arguments, engine, steps, environment, interrupted)
    steps.finish("clean-up")
    steps.say(f"\nNothing is left. It took {steps.times()}.")
    if arguments.json:
        print(json.dumps({"outputs": outputs, "seconds": steps.seconds}))
    return code


def _rehearse_on_clerk(engine: PulumiCommand, steps: Steps, interrupted: Event) -> tuple[int, dict[str, object]]:
    with clerk_deployment(engine) as deployed:
        steps.finish("emulators")
        with deployed_stack(deployed.stack, steps, interrupted) as outputs:
            return deployed.show(steps), outputs


def _rehearse_on_auth0(
    arguments: argparse.Namespace,
    engine: PulumiCommand,
    steps: Steps,
    environment: Mapping[str, str],
    interrupted: Interruption,
) -> tuple[int, dict[str, object]]:
    applications = arguments.registrations if arguments.subcommand == "exec" else (Registration(),)
    with deployment(
        engine, plugins=arguments.plugins, first_port=arguments.port, applications=applications
    ) as deployed:
        steps.finish("emulators")
        if arguments.subcommand == "exec":
            # Its user waits for the command, not for a preview; what was deployed ends with the emulators.
            outputs = update(deployed.stack, steps, interrupted)
            add_apis(deployed, arguments.apis)
            with steps.step("command"):
                return execute(deployed, arguments.command, environment, interrupted), outputs
        with deployed_stack(deployed.stack, steps, interrupted) as outputs:
            if not arguments.once:
                _stay(deployed, arguments.port and arguments.port + VENDOR_PORTS, steps, interrupted)
            return 0, outputs


def _stay(deployed: Deployment, port: int, steps: Steps, interrupted: Event) -> None:
    from rehearsal.serve_application import serve_application  # noqa: PLC0415  # its packages slow exec's start down

    with serve_application(deployed.vendors, deployed.stack, port) as origin:
        steps.announce(f"\nSign in with TikTok at {origin}/\nAll of this stays up until Ctrl-C.")
        steps.finish("page")
        interrupted.wait()
    steps.skip()
