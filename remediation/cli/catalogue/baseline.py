"""`baseline check PATH`: what is wrong with a baseline; with `--explain ID` where alerts of a resource go.

Where alerts go may depend on tags. They come from estate files (`--estate`), or from Azure as you are signed
in (`--live`); without either the answer says which routes depend on tags that are not known.
"""

import argparse
import json
import sys
from collections.abc import Sequence

from remediation import baseline
from remediation.adapters.clock import SystemClock
from remediation.baseline import Tags
from remediation.baseline.explaining import Explanation, explain
from remediation.cli.output.routes_table import routes_table
from remediation.errors import InputError, InvalidResourceId, PermanentError
from remediation.model import Resource
from remediation.resource_id import ResourceId
from remediation.rules import registry, rules_for
from remediation.telling.channels.owners import TagReader


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("action", choices=["check"], help="what to do with it")
    parser.add_argument("path", metavar="PATH", help="the baseline, YAML or JSON")
    parser.add_argument("--explain", metavar="ID", help="say where alerts of this resource go, and why")
    source = parser.add_mutually_exclusive_group()
    source.add_argument(
        "--estate", metavar="PATH", nargs="+", action="extend", help="files that hold the resource's tags"
    )
    source.add_argument("--live", action="store_true", help="read the tags from Azure, as you are signed in")
    parser.add_argument("--format", choices=["table", "json"], default="table")


def run(args: argparse.Namespace) -> int:
    from remediation.cli.estates.inputs import read_baseline

    standard = read_baseline(args.path, SystemClock().now())
    if args.explain is None:
        sys.stdout.write(f"{args.path}: nothing is wrong with it ({_summary(standard)})\n")
        return 0
    told = _explained(args, standard)
    text = json.dumps(told.to_json(), indent=2) if args.format == "json" else "\n".join(routes_table(told))
    sys.stdout.write(text + "\n")
    return 0


def _summary(standard: baseline.Baseline) -> str:
    routing = standard.routing
    where = f"{len(routing.channels)} channels, {len(routing.routes)} routes" if routing.channels else ""
    return ", ".join(filter(None, (f"mode {standard.mode}", f"hash {standard.hash}", where)))


def _explained(args: argparse.Namespace, standard: baseline.Baseline) -> Explanation:
    try:
        resource = ResourceId.parse(args.explain)
    except InvalidResourceId as error:
        raise InputError(f"--explain: {error}") from error
    rules = [rule.id for rule in rules_for(resource.type)] or list(registry())
    return explain(standard.routing, resource, _tags(args, resource, standard), rules)


def _tags(args: argparse.Namespace, resource: ResourceId, standard: baseline.Baseline) -> Tags:
    if args.estate:
        return TagReader(Documents(args.estate), SystemClock()).tags_of(resource, standard.routing)
    if args.live:
        from remediation.cli.estates.inputs import connect

        live = connect(resource.subscription, lambda _: None)
        return TagReader(live, SystemClock()).tags_of(resource, standard.routing)
    return Tags()


class Documents:
    """Files that hold resources, as the reader of tags asks them."""

    def __init__(self, paths: Sequence[str]) -> None:
        from remediation.estates.contents import sort_out
        from remediation.estates.files import read_all

        self._contents = sort_out(read_all(paths))

    def get(self, resource: ResourceId) -> Resource | None:
        found = self._contents.parent(resource.key)
        if found is None:
            raise PermanentError("it is not in the files")
        return found
