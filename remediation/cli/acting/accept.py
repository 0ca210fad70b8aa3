"""`accept FINDING`: what is there is declared from now on, until whoever deploys speaks again.

FINDING is an open finding of declared-drift. Whoever owns the resource is told, since the next deployment
undoes it unless its template is changed.
"""

import argparse

from remediation.cli.acting import plainly


def configure(parser: argparse.ArgumentParser) -> None:
    plainly.configure(parser, "the id of an open finding of declared-drift")


def run(args: argparse.Namespace) -> int:
    return plainly.run(args, "accept")
