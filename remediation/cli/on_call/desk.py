"""What the commands for people on call have in common: the tools, by the settings of the deployed app.

`--app` finds the app and asks it for them; without it they come from the environment, as the app has them.
"""

import argparse
import os
import sys
import uuid
from collections.abc import Mapping
from pathlib import Path

from remediation.cli import parsing
from remediation.cli.on_call import finding_app
from remediation.errors import InputError
from remediation.plain import plain

STORAGE = finding_app.STORAGE
FORGETFUL = "no storage is named: repairs so far, the budget and exemptions are not known here"


def configure(parser: argparse.ArgumentParser) -> None:
    finding_app.configure(parser)
    parser.add_argument("--subscription", metavar="ID", help="what SUBSCRIPTIONS names, unless given here")
    parser.add_argument("--baseline", metavar="PATH", help="what BASELINE names, unless given here")


def environment(args: argparse.Namespace, *, alone: bool = False, judging: bool = False) -> Mapping[str, str]:
    """The environment, or the app's own settings, with the options in it.

    `alone`: a ledger in memory does where no storage is named. `judging`: the baseline must be at hand.
    """
    values = dict(os.environ)
    if args.app:
        values = _of_the_app(args, values)
    if args.subscription:
        values["SUBSCRIPTIONS"] = args.subscription
    if args.baseline:
        values["BASELINE"] = str(Path(args.baseline).resolve())
    elif args.app:
        _see_to_baseline(values, args.app, judging=judging)
    if alone and not any(name.startswith(STORAGE) for name in values):
        values[STORAGE] = f"memory://local-{uuid.uuid4()}"
        warn(FORGETFUL)
    return values


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


def _see_to_baseline(values: dict[str, str], app: str, *, judging: bool) -> None:
    """A baseline in the app's package is not here: what judges asks for it, all else does without."""
    source = values.get("BASELINE", "")
    if not source or source.startswith("https://") or (Path(source).is_absolute() and Path(source).is_file()):
        return
    if judging:
        raise InputError(
            f"--app {app}: its baseline {source} is in its package: give it with --baseline PATH"
        )
    del values["BASELINE"]


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
