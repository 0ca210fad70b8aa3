"""Where a resource's alerts go and why, for `baseline check --explain ID`.

It may depend on tags. They come from estate files (`--estate`), or from Azure as you are signed in
(`--live`); without either the answer says which routes depend on tags that are not known.
"""

import argparse
from collections.abc import Sequence

from remediation.adapters.clock import SystemClock
from remediation.baseline import Baseline, Tags
from remediation.baseline.explaining import Explanation, explain
from remediation.errors import PermanentError
from remediation.model import Resource
from remediation.resource_id import ResourceId
from remediation.rules import registry, rules_for
from remediation.telling.channels.owners import TagReader


def configure(parser: argparse.ArgumentParser) -> None:
    source = parser.add_mutually_exclusive_group()
    source.add_argument(
        "--estate", metavar="PATH", nargs="+", action="extend", help="files that hold the resource's tags"
    )
    source.add_argument("--live", action="store_true", help="read the tags from Azure, as you are signed in")
    parser.add_argument(
        "--format", choices=["table", "json"], default="table", help="json: where alerts go, of --explain"
    )


def explained(args: argparse.Namespace, standard: Baseline, resource: ResourceId) -> Explanation:
    rules = [rule.id for rule in rules_for(resource.type)] or list(registry())
    return explain(standard.routing, resource, _tags(args, resource, standard), rules)


def _tags(args: argparse.Namespace, resource: ResourceId, standard: Baseline) -> Tags:
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
