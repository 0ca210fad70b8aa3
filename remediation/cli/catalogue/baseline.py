"""`baseline check PATH`: whether a baseline can be used; every mistake in it is a line of its own.

Reads the file and nothing else. `--explain ID` says what holds for one resource: its environment, what each
rule that judges its type may do there, which exemptions are in force, and where its alerts go and why. Tags
are not known of an id alone, so what goes by tags is said to be open; `--estate` and `--live` tell them to
the routes of alerts. Exit status 0, or 2 with a line for each mistake.
"""

import argparse
import json
import sys
from collections.abc import Iterator
from datetime import datetime

from remediation import baseline
from remediation.adapters.clock import SystemClock
from remediation.baseline import Baseline, Match
from remediation.cli.catalogue import alert_routes
from remediation.cli.output.routes_table import routes_table
from remediation.declared.rule import DECLARED_DRIFT
from remediation.errors import InputError
from remediation.model import Resource
from remediation.plain import plain
from remediation.resource_id import ResourceId
from remediation.rule import Rule
from remediation.rules import registry, rules_for


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("action", choices=["check"], help="what to do")
    parser.add_argument("path", metavar="PATH", help="the baseline, YAML or JSON")
    parser.add_argument("--explain", metavar="ID", help="what holds for the resource of this id")
    alert_routes.configure(parser)


def run(args: argparse.Namespace) -> int:
    from pathlib import Path

    from remediation.adapters.files import read_text

    about = None if args.explain is None else _resource(args.explain)
    now = SystemClock().now()
    standard = baseline.read(
        read_text(args.path, Path.cwd()), name=args.path, known_rules=[*registry(), DECLARED_DRIFT.id]
    )
    if about is not None and args.format == "json":
        told = alert_routes.explained(args, standard, about).to_json()
        sys.stdout.write(json.dumps(told, indent=2) + "\n")
        return 0
    sys.stdout.write(f"{plain(args.path)}: {_summary(standard, now)}\n")
    for line in standard.expired(now):
        sys.stdout.write(f"  {plain(line)}\n")
    if about is not None:
        lines = [
            *_explained(standard, about, now),
            *routes_table(alert_routes.explained(args, standard, about)),
        ]
        sys.stdout.writelines(f"{line}\n" for line in lines)
    return 0


def _resource(text: str) -> ResourceId:
    try:
        return ResourceId.parse(text)
    except InputError as error:
        raise InputError(f"--explain: {error}") from error


def _summary(standard: Baseline, now: datetime) -> str:
    live = sum(exemption.until > now for exemption in standard.exemptions)
    parts = [
        "can be used",
        f"mode {standard.mode}",
        _counted(len(standard.rules), "rule named", "rules named"),
        _counted(len(standard.overrides), "override", "overrides"),
        _counted(live, "exemption in force", "exemptions in force"),
        f"hash {standard.hash}",
    ]
    channels = len(standard.routing.channels)
    return ", ".join([*parts, _counted(channels, "channel", "channels")] if channels else parts)


def _counted(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}"


def _explained(standard: Baseline, identity: ResourceId, now: datetime) -> Iterator[str]:
    resource = Resource(identity, {"id": identity.text})
    yield f"environment: {_environment(standard, resource)}"
    rules = rules_for(identity.type)
    if not rules:
        yield f"no rule judges {plain(identity.type)} itself"
    for rule in rules:
        exempt = standard.exemption_for(rule.id, identity, now)
        until = f"; exempt until {exempt.until:%Y-%m-%dT%H:%MZ}" if exempt else ""
        yield f"{rule.id}: {_action(standard, rule, resource)}{until}"
    by_tags = [
        f"overrides[{at}]" for at, one in enumerate(standard.overrides) if _may_hold(one.match, resource)
    ]
    if by_tags:
        yield f"by its tags, which an id does not tell, also: {', '.join(by_tags)}"


def _environment(standard: Baseline, resource: Resource) -> str:
    """The first that matches; those before it that its tags could still match are said."""
    open_still: list[str] = []
    for one in standard.environments:
        if one.match.holds(resource):
            return _or(one.name, open_still)
        if _may_hold(one.match, resource):
            open_still.append(one.name)
    if standard.default_environment is not None:
        return _or(standard.default_environment, open_still)
    return _or("not known" if standard.environments else "not asked: the baseline names none", open_still)


def _or(name: str, open_still: list[str]) -> str:
    return plain(f"{name}, unless its tags make it {' or '.join(open_still)}" if open_still else name)


def _may_hold(match: Match, resource: Resource) -> bool:
    """Whether a match asks for tags, and all else that it asks for holds."""
    rest = Match({}, match.resource_groups, match.subscriptions, match.resources)
    return bool(match.tags) and rest.holds(resource)


def _action(standard: Baseline, rule: Rule, resource: Resource) -> str:
    decided = standard.action_for(rule.id, resource)
    if decided is not None:
        return decided.value
    return "on, by default" if rule.on_by_default else "off, by default"
