"""What the commands for people on call have in common: the tools, by the settings of the deployed app.

`--app` finds the app and asks it for them; without it they come from the environment, as the app has them.
"""

import argparse
import getpass
import os
import sys
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from remediation.cli import finding_app, parsing
from remediation.errors import InputError
from remediation.plain import plain

if TYPE_CHECKING:
    from remediation.on_call.tools import OnCall

STORAGE = finding_app.STORAGE
FORGETFUL = "no storage is named: repairs so far, the budget and exemptions are not known here"


def configure(parser: argparse.ArgumentParser) -> None:
    finding_app.configure(parser)
    parser.add_argument("--subscription", metavar="ID", help="what SUBSCRIPTIONS names, unless given here")
    parser.add_argument(
        "--baseline", metavar="PATH", help="judge by this one; else by what is in force, or BASELINE names"
    )


def tools(args: argparse.Namespace, *, alone: bool = False, judging: bool = False) -> "OnCall":
    """The tools, judging by what is in force for the app unless a baseline was named for this once.

    `judging`: raises InputError where neither is at hand.
    """
    from remediation.app.functions import App

    values = dict(environment(args, alone=alone))
    elsewhere = _take_out_elsewhere(values) if args.app and not args.baseline else ""
    found = App(values, chosen=bool(args.baseline)).on_call()
    if judging and elsewhere and found.in_force.latest() is None:
        raise InputError(
            f"--app {args.app}: its baseline {elsewhere} is in its package: give it with --baseline PATH"
        )
    return found


def environment(args: argparse.Namespace, *, alone: bool = False) -> Mapping[str, str]:
    """The environment, or the app's own settings, with the options in it.

    `alone`: a ledger in memory does where no storage is named.
    """
    values = dict(os.environ)
    if args.app:
        values = _of_the_app(args, values)
    if args.subscription:
        values["SUBSCRIPTIONS"] = args.subscription
    if args.baseline:
        values["BASELINE"] = str(Path(args.baseline).resolve())
    if alone and not any(name.startswith(STORAGE) for name in values):
        values[STORAGE] = f"memory://local-{uuid.uuid4()}"
        warn(FORGETFUL)
    return values


def whoever(found: "OnCall") -> str:
    """Who sits there: whoever is signed in to Azure, else the user of this machine."""
    try:
        return found.person() or getpass.getuser()
    except (OSError, KeyError):  # a container may know no name for its user
        return "somebody at the command line"


def _of_the_app(args: argparse.Namespace, values: Mapping[str, str]) -> dict[str, str]:
    """What the app has in place of what is set here: half of one and half of another would be neither."""
    cloud = finding_app.connect()
    site = finding_app.find(cloud, args.app, finding_app.subscriptions(cloud, args.app_subscription))
    of_the_app = finding_app.settings(cloud, site)
    if "SUBSCRIPTIONS" not in of_the_app and not args.subscription:
        raise InputError(f"--app {args.app}: {finding_app.MAY_NOT}: name what it watches with --subscription")
    hidden = [name for name, value in of_the_app.items() if value.startswith("@Microsoft.KeyVault")]
    if STORAGE in hidden:
        raise InputError(f"--app {args.app}: its {STORAGE} is in a vault: set it here, and leave --app out")
    kept = {name: value for name, value in values.items() if name not in finding_app.TAKEN}
    return {**kept, **{name: value for name, value in of_the_app.items() if name not in hidden}}


def _take_out_elsewhere(values: dict[str, str]) -> str:
    """What names a baseline in the app's package, which is not here: taken out, and returned."""
    source = values.get("BASELINE", "")
    if not source or source.startswith("https://") or (Path(source).is_absolute() and Path(source).is_file()):
        return ""
    return values.pop("BASELINE")


def typed(args: argparse.Namespace, command: str) -> str:
    """Another command, as it would be typed for the same app."""
    app = "".join(
        f" {option} {value}"
        for option, value in (("--app", args.app), ("--app-subscription", args.app_subscription))
        if value
    )
    return f"{parsing.program()} {command}{app}"


def warn(text: str) -> None:
    sys.stderr.write(f"remediation: {plain(text)}\n")


def with_options(error: InputError, options: Mapping[str, str]) -> InputError:
    """The mistakes of a request, its keys spelled as the options that they were."""
    return InputError(_spelled(mistake, options) for mistake in error.mistakes)


def _spelled(mistake: str, options: Mapping[str, str]) -> str:
    key, colon, rest = mistake.partition(": ")
    return f"{options[key]}{colon}{rest}" if key in options else mistake
