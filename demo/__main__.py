"""``python -m demo``: see `demo.command`."""

import sys

INTERRUPTED = 130


def main() -> int:
    """Import and run the command; Ctrl-C ends either without a traceback."""
    try:
        from demo.command import main as run

        return run()
    except KeyboardInterrupt:
        sys.stderr.write("demo: interrupted; the lab is closed\n")
        return INTERRUPTED


if __name__ == "__main__":
    raise SystemExit(main())
