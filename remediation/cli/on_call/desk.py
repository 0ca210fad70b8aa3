"""What the commands for people on call have in common: the tools, by the settings of the deployed app."""

import argparse
import getpass
import os
import sys
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from remediation.errors import InputError
from remediation.plain import plain

if TYPE_CHECKING:
    from remediation.on_call.tools import OnCall

STORAGE = "AzureWebJobsStorage"
FORGETFUL = "no storage is named: repairs so far, the budget and exemptions are not known here"


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--subscription", metavar="ID", help="what SUBSCRIPTIONS names, unless given here")
    parser.add_argument(
        "--baseline", metavar="PATH", help="judge by this one; else by what is in force, or BASELINE names"
    )


def tools(args: argparse.Namespace, *, alone: bool = False) -> "OnCall":
    """The tools, judging by what is in force for the app unless a baseline was named for this once."""
    from remediation.app.functions import App

    return App(environment(args, alone=alone), chosen=bool(args.baseline)).on_call()


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


def whoever() -> str:
    """Who sits there, as far as the machine knows."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a container may know no name for its user
        return "somebody at the command line"


def warn(text: str) -> None:
    sys.stderr.write(f"remediation: {plain(text)}\n")


def with_options(error: InputError, options: Mapping[str, str]) -> InputError:
    """The mistakes of a request, its keys spelled as the options that they were."""
    return InputError(_spelled(mistake, options) for mistake in error.mistakes)


def _spelled(mistake: str, options: Mapping[str, str]) -> str:
    key, colon, rest = mistake.partition(": ")
    return f"{options[key]}{colon}{rest}" if key in options else mistake
