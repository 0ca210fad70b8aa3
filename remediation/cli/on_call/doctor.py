"""`doctor`: whether a deployed app can do its work, and what to type where it cannot.

Exit status: 0 when nothing is bad, 1 when something is or the app itself could not be seen.
"""

import argparse
import json
import os
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from remediation.errors import BastionGuardError, InputError
from remediation.kinds import DEPLOYMENT_VERSIONS
from remediation.model import Listing, Resource
from remediation.on_call.checkup.answers import Check
from remediation.on_call.doctor import KEY, SITE, Doctor, Patient, given, unseen
from remediation.plain import plain
from remediation.resource_id import ResourceId

if TYPE_CHECKING:
    from remediation.judging.gathering import Reads
    from remediation.ports import Clock

ROLES = Path(__file__).resolve().parents[3] / "infra" / "roles"
ACCOUNT = "Microsoft.Storage/storageAccounts"
APP, GUARD = "func-guard-", "bastion-guard"
SUBSCRIPTION = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
MARKS = {"good": "ok", "bad": "BAD", "unknown": "?"}


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--resource-group", required=True, metavar="NAME", help="where the app is")
    parser.add_argument(
        "--app-subscription", metavar="ID", help="where that is; AZURE_SUBSCRIPTION_ID otherwise"
    )
    parser.add_argument("--app", metavar="NAME", help="the function app, if the group holds several")
    parser.add_argument(
        "--subscription", action="append", metavar="ID", help="a watched one; the app's own unless given"
    )
    parser.add_argument("--format", choices=["table", "json"], default="table", help="how to print")


def run(args: argparse.Namespace) -> int:
    from remediation.adapters.arm.cloud import ArmCloud
    from remediation.adapters.clock import SystemClock
    from remediation.adapters.credentials import credential
    from remediation.adapters.outside import AppFromOutside
    from remediation.adapters.retrying import Retry

    home = args.app_subscription or os.environ.get("AZURE_SUBSCRIPTION_ID", "")
    if not home:
        raise InputError("name the subscription of the app with --app-subscription, or AZURE_SUBSCRIPTION_ID")
    wrong = [each for each in (home, *(args.subscription or ())) if not SUBSCRIPTION.fullmatch(each)]
    if wrong:
        raise InputError(f"not a subscription id: {plain(each)}" for each in wrong)
    clock: Clock = SystemClock()
    endpoint = os.environ.get("ARM_ENDPOINT") or "https://management.azure.com"
    identity = credential(endpoint=endpoint, static_token=os.environ.get("ARM_STATIC_TOKEN", ""))
    versions = DEPLOYMENT_VERSIONS
    cloud = ArmCloud(identity, endpoint=endpoint, retry=Retry(clock), versions=versions)
    group = ResourceId.parse(f"/subscriptions/{home}/resourceGroups/{args.resource_group}")
    try:
        site = the_app(cloud, group, args.app)
        watched = args.subscription or [home]
        patient = Patient(site, watched, role("observe"), role("fix"), role("logs"))
        outside = AppFromOutside(the_account(cloud, group), identity, clock, os.environ.get(KEY, "").strip())
        checks = list(Doctor(cloud, outside, patient).checks())
    except InputError:
        raise
    except BastionGuardError as error:
        checks = [unseen("app", error, given("Reader", group.text))]
    sys.stdout.write("".join(as_json(checks) if args.format == "json" else as_lines(checks)))
    return 1 if any(check.state == "bad" for check in checks) or checks[0].state == "unknown" else 0


def the_app(cloud: "Reads", group: ResourceId, name: str | None) -> ResourceId:
    """The function app that is meant; raises InputError where that is not clear."""
    if name:
        return group.extension(SITE, name)
    sites = cloud.list(Listing(SITE, group.text))
    found = [one.id for one in sites if one.id.name.startswith(APP) or _tagged(one)]
    if not found:
        deploy = "deploy it (docs/deploy.md), or name it with --app"
        raise InputError(f"--resource-group: no function app {APP}... in {group.name}; {deploy}")
    if len(found) > 1:
        names = ", ".join(one.name for one in found)
        raise InputError(f"--app: which function app of {group.name} is it? found {names}")
    return found[0]


def the_account(cloud: "Reads", group: ResourceId) -> str:
    """The queue endpoint of the app's storage account; empty where it is not seen."""
    for one in cloud.list(Listing(ACCOUNT, group.text)):
        if one.id.name.startswith("stguard") or (_tagged(one) and not one.id.name.startswith("stdead")):
            return f"https://{one.id.name}.queue.core.windows.net"
    return ""


def _tagged(resource: Resource) -> bool:
    """Whether our template made it, whatever prefix its name has."""
    return (resource.body.get("tags") or {}).get("application") == GUARD


def role(name: str) -> Sequence[str]:
    """The actions of a role as it is deployed; raises InputError outside a checkout."""
    path = ROLES / f"{name}.json"
    if not path.is_file():
        raise InputError(f"{path} is missing: run doctor from a checkout")
    actions: list[str] = json.loads(path.read_text())["actions"]
    return actions


def as_lines(checks: Sequence[Check]) -> Iterator[str]:
    width = max(len(check.name) for check in checks)
    for check in checks:
        yield f"{MARKS[check.state]:<4}{check.name:<{width}}  {plain(check.text)}\n"
        if check.command:
            yield f"{'':{width + 6}}-> {plain(check.command)}\n"


def as_json(checks: Sequence[Check]) -> Iterator[str]:
    fields = ("name", "state", "text", "command")
    yield json.dumps([{name: getattr(check, name) for name in fields} for check in checks], indent=2) + "\n"
