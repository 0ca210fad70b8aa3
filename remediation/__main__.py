"""`python -m remediation`, and `bastion-guard` where it is installed.

Which release this is, is told before anything is imported: scripts and editors ask for it often.
"""

import sys

from remediation import __version__


def main() -> int:
    """Run the command line; the exit status."""
    if sys.argv[1:] in (["--version"], ["-V"]):
        print(f"bastion-guard {__version__}")
        return 0
    from remediation.cli import main as run

    return run()


if __name__ == "__main__":
    sys.exit(main())
