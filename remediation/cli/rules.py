"""`rules`: the catalogue, as a table or as JSON."""

import argparse
import json
import sys
from textwrap import shorten

from remediation.rules import registry


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--format", choices=["table", "json"], default="table", help="how to print it")


def run(args: argparse.Namespace) -> int:
    if args.format == "json":
        json.dump([rule.to_json() for rule in registry().values()], sys.stdout, indent=2)
        sys.stdout.write("\n")
    else:
        _table()
    return 0


def _table() -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    table.add_column("rule", no_wrap=True)
    for column in ("severity", "repair", "clauses", "what it finds"):
        table.add_column(column)
    for rule in registry().values():
        first = rule.documentation.strip().splitlines()[0]
        repair = {"safe": "automatic", "unsafe": "offered", "alert": "told"}[rule.applicability.text]
        clauses = " ".join(rule.guidance)
        table.add_row(rule.id, rule.severity.text, repair, clauses, shorten(first, 120))
    Console().print(table)
