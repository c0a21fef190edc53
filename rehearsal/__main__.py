"""``python -m rehearsal``, or the path of this folder in place of ``-m rehearsal``, from any folder."""

import signal
import sys
from pathlib import Path

if __name__ == "__main__":
    # SIGTERM and SIGHUP end a process without cleaning up; as Ctrl-C they raise KeyboardInterrupt.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    try:
        if not __package__:  # run by its path
            sys.path[0] = str(Path(__file__).resolve().parents[1])
        from rehearsal.command_line import main  # imports take a second, in which signals may come

        sys.exit(main())
    except KeyboardInterrupt:
        print("\nInterrupted. Nothing is left of this rehearsal.", file=sys.stderr)
        sys.exit(130)
