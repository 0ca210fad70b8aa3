"""`completion SHELL`: what to put into the shell's profile, so that Tab completes commands and options."""

import argparse
import sys

from remediation.cli import completing


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("shell", choices=completing.SHELLS, help="whose words the answer is in")
    parser.epilog = (
        'bash and zsh: eval "$(bastion-guard completion bash)" in ~/.bashrc, or zsh in ~/.zshrc, '
        "after compinit. "
        "PowerShell: bastion-guard completion powershell | Out-String | Invoke-Expression in $PROFILE."
    )


def run(args: argparse.Namespace) -> int:
    sys.stdout.write(completing.script(args.shell))
    return 0
