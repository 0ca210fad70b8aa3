"""`ack FINDING`: take a finding on. It is told once, and no reminder comes until it changes."""

import argparse

from remediation.cli.acting import plainly


def configure(parser: argparse.ArgumentParser) -> None:
    plainly.configure(parser, "the id of an open finding")


def run(args: argparse.Namespace) -> int:
    return plainly.run(args, "ack")
