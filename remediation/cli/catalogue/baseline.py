"""`baseline check PATH`: whether a baseline can be used; every mistake in it is a line of its own.

`--explain ID` says what holds for one resource: its environment, what each rule that judges its type may do
there, which exemptions are in force, and where its alerts go and why. Tags come from estate files
(`--estate`), or from Azure as you are signed in (`--live`); without either, what goes by tags is said to be
open. Exit status 0, or 2 with a line for each mistake.
"""

import argparse
import json
import sys
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from typing import Protocol

from remediation.adapters.clock import SystemClock
from remediation.baseline import Baseline, Match, Tags
from remediation.baseline.explaining import explain
from remediation.cli.catalogue.tagged import Documents
from remediation.cli.output.routes_table import routes_table
from remediation.errors import InputError, PermanentError
from remediation.model import Resource
from remediation.plain import plain
from remediation.resource_id import ResourceId
from remediation.rule import Rule
from remediation.rules import registry, rules_for
from remediation.telling.channels.owners import TagReader


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("action", choices=["check"], help="what to do")
    parser.add_argument("path", metavar="PATH", help="the baseline, YAML or JSON")
    parser.add_argument(
        "--explain", metavar="ID", help="what holds for the resource of this id, and where its alerts go"
    )
    source = parser.add_mutually_exclusive_group()
    source.add_argument(
        "--estate", metavar="PATH", nargs="+", action="extend", help="files that hold the resource's tags"
    )
    source.add_argument("--live", action="store_true", help="read the tags from Azure, as you are signed in")
    parser.add_argument("--format", choices=["table", "json"], default="table", help="how to print")


def run(args: argparse.Namespace) -> int:
    from remediation.cli.estates.inputs import read_baseline

    about = None if args.explain is None else _resource(args.explain)
    now = SystemClock().now()
    standard = read_baseline(args.path, now)
    if about is None:
        sys.stdout.write(f"{plain(args.path)}: {_summary(standard, now)}\n")
        return 0
    source = _source(args, about)
    told = explain(standard.routing, about, _tags(source, about, standard), _rules_of(about))
    if args.format == "json":
        sys.stdout.write(json.dumps(told.to_json(), indent=2) + "\n")
        return 0
    sys.stdout.writelines(f"{line}\n" for line in routes_table(told))
    sys.stdout.writelines(f"{line}\n" for line in _explained(standard, _document(source, about), now))
    return 0


def _resource(text: str) -> ResourceId:
    try:
        return ResourceId.parse(text)
    except InputError as error:
        raise InputError(f"--explain: {error}") from error


def _rules_of(about: ResourceId) -> list[str]:
    return [rule.id for rule in rules_for(about.type)] or list(registry())


class Source(Protocol):
    """Whoever has documents: files, or Azure."""

    def get(self, resource: ResourceId) -> Resource | None: ...


def _source(args: argparse.Namespace, about: ResourceId) -> Source | None:
    if args.estate:
        return Documents(args.estate)
    if args.live:
        from remediation.cli.estates.inputs import connect

        return connect(about.subscription, lambda _: None)
    return None


def _tags(source: Source | None, about: ResourceId, standard: Baseline) -> Tags:
    return Tags() if source is None else TagReader(source, SystemClock()).tags_of(about, standard.routing)


def _document(source: Source | None, about: ResourceId) -> Resource:
    """The resource, or what its id alone says."""
    with suppress(PermanentError):
        found = None if source is None else source.get(about)
        if found is not None:
            return found
    return Resource(about, {"id": about.text})


def _summary(standard: Baseline, now: datetime) -> str:
    live = sum(exemption.until > now for exemption in standard.exemptions)
    parts = [
        "can be used",
        f"mode {standard.mode}",
        _counted(len(standard.rules), "rule named", "rules named"),
        _counted(len(standard.overrides), "override", "overrides"),
        _counted(live, "exemption in force", "exemptions in force"),
        _counted(len(standard.routing.channels), "channel", "channels"),
        f"hash {standard.hash}",
    ]
    return ", ".join(parts)


def _counted(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}"


def _explained(standard: Baseline, resource: Resource, now: datetime) -> Iterator[str]:
    identity = resource.id
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
    """Whether a match asks for tags that nobody has read, and all else that it asks for holds."""
    if len(resource.body) > 1:  # its document was read, and its tags with it
        return False
    rest = Match({}, match.resource_groups, match.subscriptions, match.resources)
    return bool(match.tags) and rest.holds(resource)


def _action(standard: Baseline, rule: Rule, resource: Resource) -> str:
    decided = standard.action_for(rule.id, resource)
    if decided is not None:
        return decided.value
    return "on, by default" if rule.on_by_default else "off, by default"
