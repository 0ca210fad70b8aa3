"""`doctor`: whether a deployed app can do its work, and what to type where it cannot.

Exit status: 0 when nothing is bad, 1 when something is, 3 when the app itself could not be seen.
"""

import argparse
import json
import os
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from remediation.cli import finding_app, parsing
from remediation.errors import BastionGuardError, InputError
from remediation.model import Listing
from remediation.on_call.checkup.answers import Check
from remediation.on_call.doctor import KEY, SITE, Doctor, Patient, given, unseen
from remediation.plain import plain
from remediation.resource_id import ResourceId

if TYPE_CHECKING:
    from remediation.judging.gathering import Reads
    from remediation.ports import Clock

_PACKAGE = Path(__file__).resolve().parents[2]
ROLES = (_PACKAGE / "roles", _PACKAGE.parent / "infra" / "roles")  # as it is installed, and in a checkout
SUBSCRIPTION = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
NOTHING_SEEN = 3
MARKS = {"good": "ok", "bad": "BAD", "unknown": "?"}


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--app", metavar="NAME_OR_GROUP", help="the function app, by its own name or its resource group's"
    )
    parser.add_argument("--resource-group", metavar="NAME", help="where the app is; --app finds it without")
    parser.add_argument(
        "--app-subscription",
        metavar="ID",
        help="where that is; AZURE_SUBSCRIPTION_ID, else what you are signed in to",
    )
    parser.add_argument(
        "--subscription", action="append", metavar="ID", help="a watched one; the app's own unless given"
    )
    parser.add_argument("--format", choices=["table", "json"], default="table", help="how to print")


def run(args: argparse.Namespace) -> int:
    home = _checked(args)
    cloud = finding_app.connect()
    try:
        site = _site(cloud, args, home)
        checks = list(_examined(cloud, site, args.subscription or [site.subscription]))
    except InputError:
        raise
    except BastionGuardError as error:
        scope = f"/subscriptions/{home or 'ID'}/resourceGroups/{args.resource_group or args.app}"
        checks = [unseen("app", error, given("Reader", scope))]
    sys.stdout.write("".join(as_json(checks) if args.format == "json" else as_lines(checks, args.app)))
    if checks[0].state == "unknown":
        return NOTHING_SEEN
    return 1 if any(check.state == "bad" for check in checks) else 0


def _checked(args: argparse.Namespace) -> str:
    """The subscription that is named for the app, else ""; raises InputError for what is typed wrong."""
    home: str = args.app_subscription or os.environ.get("AZURE_SUBSCRIPTION_ID", "")
    if not (args.app or args.resource_group):
        raise InputError("name the app with --app, by its own name or its resource group's")
    named = [*([home] if home else []), *(args.subscription or ())]
    wrong = [each for each in named if not SUBSCRIPTION.fullmatch(each)]
    if wrong:
        raise InputError(f"not a subscription id: {plain(each)}" for each in wrong)
    return home


def _site(cloud: finding_app.Azure, args: argparse.Namespace, home: str) -> ResourceId:
    if args.resource_group is None:
        return finding_app.find(cloud, args.app, finding_app.subscriptions(cloud, home))
    if not home:
        raise InputError("name the subscription of the app with --app-subscription, or AZURE_SUBSCRIPTION_ID")
    group = ResourceId.parse(f"/subscriptions/{home}/resourceGroups/{args.resource_group}")
    return the_app(cloud, group, args.app)


def _examined(cloud: "Reads", site: ResourceId, watched: Sequence[str]) -> Iterator[Check]:
    from remediation.adapters.clock import SystemClock
    from remediation.adapters.credentials import credential
    from remediation.adapters.outside import AppFromOutside

    endpoint = os.environ.get("ARM_ENDPOINT", "").strip() or "https://management.azure.com"
    identity = credential(endpoint=endpoint, static_token=os.environ.get("ARM_STATIC_TOKEN", "").strip())
    clock: Clock = SystemClock()
    group = ResourceId.parse(site.text.partition("/providers/")[0])
    patient = Patient(site, watched, role("observe"), role("fix"), role("logs"))
    outside = AppFromOutside(the_account(cloud, group), identity, clock, os.environ.get(KEY, "").strip())
    yield from Doctor(cloud, outside, patient).checks()


def the_app(cloud: "Reads", group: ResourceId, name: str | None) -> ResourceId:
    """The function app that is meant; raises InputError where that is not clear."""
    if name:
        return group.extension(SITE, name)
    found = [one.id for one in cloud.list(Listing(SITE, group.text)) if finding_app.is_ours(one)]
    if not found:
        deploy = "deploy it (docs/deploy.md), or name it with --app"
        raise InputError(
            f"--resource-group: no function app {finding_app.PREFIX}... in {group.name}; {deploy}"
        )
    if len(found) > 1:
        names = ", ".join(one.name for one in found)
        raise InputError(f"--app: which function app of {group.name} is it? found {names}")
    return found[0]


def the_account(cloud: "Reads", group: ResourceId) -> str:
    """The queue endpoint of the app's storage account; empty where it is not seen."""
    name = finding_app.the_account(cloud, group)
    return "" if name is None else f"https://{name}.queue.core.windows.net"


def role(name: str) -> Sequence[str]:
    """The actions of a role as it is deployed; raises InputError where the roles did not come along."""
    path = next((folder / f"{name}.json" for folder in ROLES if folder.is_dir()), ROLES[-1] / name)
    if not path.is_file():
        raise InputError(f"{path} is missing: install again, or run doctor from a checkout")
    actions: list[str] = json.loads(path.read_text())["actions"]
    return actions


def as_lines(checks: Sequence[Check], app: str | None = None) -> Iterator[str]:
    width = max(len(check.name) for check in checks)
    for check in checks:
        yield f"{MARKS[check.state]:<4}{check.name:<{width}}  {plain(check.text)}\n"
        if check.command:
            yield f"{'':{width + 6}}-> {plain(parsing.as_typed(check.command, app))}\n"


def as_json(checks: Sequence[Check]) -> Iterator[str]:
    fields = ("name", "state", "text", "command")
    yield json.dumps([{name: getattr(check, name) for name in fields} for check in checks], indent=2) + "\n"
