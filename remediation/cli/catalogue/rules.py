"""`rules`: the catalogue, as a table or as JSON; with `--advisory`, what no rule can check."""

import argparse
import json
import sys
from collections.abc import Iterable
from textwrap import shorten

from remediation.guidance import advisory
from remediation.rules import registry

REPAIRS = {"safe": "automatic", "unsafe": "proposed", "alert": "told"}


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--format", choices=["table", "json"], default="table", help="how to print it")
    parser.add_argument(
        "--advisory",
        action="store_true",
        help="instead: the clauses of the guidance that no rule can check, and why",
    )


def run(args: argparse.Namespace) -> int:
    catalogue = advisory() if args.advisory else tuple(registry().values())
    if args.format == "json":
        json.dump([each.to_json() for each in catalogue], sys.stdout, indent=2)
        sys.stdout.write("\n")
    elif args.advisory:
        _table(("clause", "what it asks", "not checked", "rules for the rest"), _advisory())
    else:
        _table(("rule", "severity", "repair", "clauses", "what it finds"), _rules())
    return 0


def _rules() -> Iterable[tuple[str, ...]]:
    for rule in registry().values():
        first = shorten(rule.documentation.strip().splitlines()[0], 120)
        yield rule.id, rule.severity.text, REPAIRS[rule.applicability.text], " ".join(rule.guidance), first


def _advisory() -> Iterable[tuple[str, ...]]:
    for clause in advisory():
        yield clause.id, clause.title, clause.advisory, "\n".join(clause.rules) or "none"


def _table(columns: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for index, column in enumerate(columns):
        table.add_column(column, no_wrap=index == 0)
    for row in rows:
        table.add_row(*row)
    Console().print(table)
