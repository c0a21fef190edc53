"""``python -m rehearsal``, or the path of this folder in place of ``-m rehearsal``, from any folder."""

import signal
import sys
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[1]

if __name__ == "__main__":
    # SIGTERM and SIGHUP end a process without cleaning up; as Ctrl-C they raise KeyboardInterrupt.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    try:
        if not __package__:  # run by its path
            sys.path[0] = str(_ROOT)
        try:
            from rehearsal.command_line import main  # imports take a second, in which signals may come
        except ModuleNotFoundError as error:
            sys.exit(
                f"This Python has no package {error.name}. Run `make rehearsal ARGS=--once` in {_ROOT} once, and then "
                f"{_ROOT / '.venv' / 'bin' / 'python'} instead of {sys.executable}."
            )
        sys.exit(main())
    except KeyboardInterrupt:
        print("\nInterrupted. Nothing is left of this rehearsal.", file=sys.stderr)
        sys.exit(130)
