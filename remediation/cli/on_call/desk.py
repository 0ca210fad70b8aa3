"""What the commands for people on call have in common: the tools, by the settings of the deployed app."""

import argparse
import os
import sys
import uuid
from collections.abc import Mapping
from pathlib import Path

from remediation.errors import InputError
from remediation.plain import plain

STORAGE = "AzureWebJobsStorage"
FORGETFUL = "no storage is named: repairs so far, the budget and exemptions are not known here"


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--subscription", metavar="ID", help="what SUBSCRIPTIONS names, unless given here")
    parser.add_argument("--baseline", metavar="PATH", help="what BASELINE names, unless given here")


def environment(args: argparse.Namespace, *, alone: bool = False) -> Mapping[str, str]:
    """The environment with the options in it. `alone`: a ledger in memory does where no storage is named."""
    values = dict(os.environ)
    if args.subscription:
        values["SUBSCRIPTIONS"] = args.subscription
    if args.baseline:
        values["BASELINE"] = str(Path(args.baseline).resolve())
    if alone and not any(name.startswith(STORAGE) for name in values):
        values[STORAGE] = f"memory://local-{uuid.uuid4()}"
        warn(FORGETFUL)
    return values


def warn(text: str) -> None:
    sys.stderr.write(f"remediation: {plain(text)}\n")


def with_options(error: InputError, options: Mapping[str, str]) -> InputError:
    """The mistakes of a request, its keys spelled as the options that they were."""
    return InputError(_spelled(mistake, options) for mistake in error.mistakes)


def _spelled(mistake: str, options: Mapping[str, str]) -> str:
    key, colon, rest = mistake.partition(": ")
    return f"{options[key]}{colon}{rest}" if key in options else mistake
