"""`explain RULE`: what a rule finds, why it matters, how it is repaired, when it cannot tell."""

import argparse
import difflib
import inspect
import sys

from remediation.cli import parsing
from remediation.cli.catalogue.rules import REPAIRS
from remediation.declared.rule import DECLARED_DRIFT
from remediation.errors import InputError
from remediation.rule import Rule
from remediation.rules import registry


def configure(parser: argparse.ArgumentParser) -> None:
    rule = parser.add_argument(
        "rule", metavar="RULE", help="a rule's id, for example nsg-mgmt-open-to-internet"
    )
    rule.completer = lambda **_: list(registry())  # type: ignore[attr-defined]  # what argcomplete asks


def run(args: argparse.Namespace) -> int:
    known = {**registry(), DECLARED_DRIFT.id: DECLARED_DRIFT}
    rule = known.get(args.rule)
    if rule is None:
        close = difflib.get_close_matches(args.rule, list(known), n=1)
        hint = f"; did you mean {close[0]}?" if close else "; `rules` lists them"
        raise InputError(f"no such rule: {args.rule}{hint}")
    clauses = " ".join(rule.guidance) or "none"
    facts = f"severity {rule.severity.text}, repair {REPAIRS[rule.applicability.text]}, clauses {clauses}"
    columns = parsing.width()
    told = parsing.reflowed(f"{inspect.cleandoc(rule.documentation)}\n{_grades(rule)}", columns)
    sys.stdout.write(f"{parsing.heading(f'{rule.id}: {rule.title}')}\n{parsing.heading(facts)}\n\n{told}\n")
    return 0


def _grades(rule: Rule) -> str:
    """Why it is as severe as it is, one paragraph for each severity that the rule gives."""
    return "\n".join(f"Why {severity.text}: {why}" for severity, why in rule.because.items())
