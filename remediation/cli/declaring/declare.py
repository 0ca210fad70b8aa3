"""`declare (--snapshot|--terraform-state|--estate) PATH --as NAME`, `--list`, `--remove NAME`.

What a Bicep snapshot, a Terraform state or an export declares is given to the app, which tells of whatever
differs from it, from then on and until it is declared again. Needs the settings of the deployed app, and the
right to write its container `declared`.
"""

import argparse
import json
import sys
from collections import Counter
from typing import TYPE_CHECKING

from remediation.cli.on_call import desk
from remediation.errors import InputError
from remediation.plain import plain

if TYPE_CHECKING:
    from remediation.declared.declaration import Declared
    from remediation.on_call.declaring.files import Given

WITHIN = "within a quarter of an hour"


def configure(parser: argparse.ArgumentParser) -> None:
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--snapshot", metavar="PATH", help="what `bicep snapshot` wrote")
    what.add_argument("--terraform-state", metavar="PATH", help="what `terraform show -json` says of a state")
    what.add_argument("--estate", metavar="PATH", help="resources as ARM returns them, our own export too")
    what.add_argument("--list", action="store_true", help="what was declared by files, and what is in force")
    what.add_argument("--remove", metavar="NAME", help="take a declaration back")
    parser.add_argument("--as", metavar="NAME", dest="name", help="what people call it: a stack, a pipeline")
    parser.add_argument("--format", choices=["table", "json"], default="table", help="how to print")
    desk.configure(parser)


def run(args: argparse.Namespace) -> int:
    from remediation.declared.files import read

    path = args.snapshot or args.terraform_state or args.estate
    if path is not None and not args.name:
        raise InputError("--as NAME is missing: what people call this declaration")
    declared = None if path is None else _as_said(read(path), path, args)
    tools = desk.tools(args)
    declarer = tools.declarer(desk.whoever(tools))
    if declared is not None:
        given = declarer.declare(declared, args.name)
        _said(given, declared.left_out, args)
    elif args.list:
        _list(declarer.listed(), args.format)
    else:
        declarer.remove(args.remove)
        sys.stdout.write(f"removed: {plain(args.remove)}; the app stops comparing with it {WITHIN}\n")
    return 0


def _as_said(declared: "Declared", path: str, args: argparse.Namespace) -> "Declared":
    """What a file declares; raises InputError where it is another kind of file than the option says."""
    wanted = {"snapshot": args.snapshot, "state": args.terraform_state, "estate": args.estate}
    sort = next(name for name, given in wanted.items() if given is not None)
    found = {one.source.sort for one in declared.declarations.values()}
    if found != {sort}:
        named = {"snapshot": "--snapshot", "state": "--terraform-state", "estate": "--estate"}
        other = named[min(found - {sort})]
        raise InputError(f"{path}: not what {named[sort]} takes; give it with {other}")
    return declared


def _said(given: "Given", left_out: Counter[str], args: argparse.Namespace) -> None:
    from remediation.declared.words import left_out as words

    if args.format == "json":
        sys.stdout.write(json.dumps(_json(given), indent=2) + "\n")
        return
    others = ", ".join(list(words(left_out))[:6])
    rest = f"; not compared: {others}" if others else ""
    sys.stdout.write(f"declared: {given.count} resources as {plain(given.name)}{plain(rest)}\n")
    sys.stdout.write(f"in force {WITHIN}: {desk.typed(args, 'declare --list')}\n")


def _list(found: "list[Given]", form: str) -> None:
    if form == "json":
        sys.stdout.write(json.dumps([_json(one) for one in found], indent=2) + "\n")
        return
    if not found:
        sys.stdout.write("nothing is declared by a file\n")
    for one in found:
        by = f" by {one.by}" if one.by else ""
        sys.stdout.write(f"{plain(one.name)}  {one.count} resources, {one.at[:16]} UTC{plain(by)}\n")
        sys.stdout.write(f"    {plain(_standing(one))}\n")


def _standing(one: "Given") -> str:
    if one.taken is None:
        return f"the app takes it in {WITHIN}"
    if one.taken.mistake:
        return f"not in force: {one.taken.mistake}"
    if one.taken.at is None or one.taken.at.isoformat() != one.at:
        return f"the one of {one.taken.at:%Y-%m-%d %H:%M} UTC is in force; the app takes this one in {WITHIN}"
    return f"in force for {one.taken.in_force} of them; a deployment or a person has declared the rest since"


def _json(one: "Given") -> dict[str, object]:
    return {
        "name": one.name,
        "at": one.at,
        "by": one.by,
        "resources": one.count,
        "inForce": one.taken.in_force if one.is_taken and one.taken is not None else 0,
        "mistake": one.taken.mistake if one.taken is not None else "",
    }
