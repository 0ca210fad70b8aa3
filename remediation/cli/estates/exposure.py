"""`exposure`: who on the internet can reach a port through an NSG, exactly, from a file and nothing else.

The file holds network security groups in any shape that `scan` reads: as ARM returns them, as the Azure CLI
or PowerShell prints them, one, a list or a page. The exit status is 0 whatever the verdicts: an open port is
an answer, not an error; with `--fail-on-open` it is 1 when one is open.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from remediation.errors import InputError, InvalidResourceId
from remediation.estates.door.normal import by_name, normal
from remediation.estates.door.reading import values_of
from remediation.estates.door.recognising import elements_of, refusal, refusal_of_elements
from remediation.kinds import NSG, SECURITY_RULE
from remediation.nsg import Exposure, Nsg, exposure, parse
from remediation.nsg.difference import public_words
from remediation.resource_id import ResourceId

if TYPE_CHECKING:
    from rich.table import Table


_STDIN = "-"
_EXPECTED = "expected a network security group as JSON"
_GROUP = ("properties", "securityRules", "defaultSecurityRules")
_HIGHEST_PORT = 65535
_TOO_LONG = 10  # digits; Python refuses to read numbers of thousands
_NARROWEST = 40  # columns; below this a table loses whole columns, so the terminal may wrap it instead
_COLOURS = {"open": "bold red", "closed": "green", "unknown": "yellow"}


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--nsg", required=True, metavar="PATH", help="an NSG or a list of them; - reads stdin"
    )
    parser.add_argument(
        "--nic-nsg", metavar="PATH", help="the NSG of a NIC behind it; both must let traffic in"
    )
    parser.add_argument("--port", required=True, metavar="N", help="the port to judge")
    parser.add_argument("--protocol", default="tcp", metavar="tcp|udp", help="tcp unless said otherwise")
    parser.add_argument("--format", default="table", choices=("table", "json"), help="table for people")
    parser.add_argument("--fail-on-open", action="store_true", help="exit 1 when the port is open")


def run(args: argparse.Namespace) -> int:
    port, protocol = _asked(args)
    document = _load(args.nsg)
    if args.nic_nsg is not None:
        rows = [_composed(args, document, port, protocol)]
    elif isinstance(document, list):
        rows = [_judged([parse(element)], port, protocol) for element in document]
    else:
        rows = [_judged([parse(document)], port, protocol)]
    if args.format == "json":
        results = [as_json(nsg, answer) for nsg, answer in rows]
        sys.stdout.write(json.dumps(results if isinstance(document, list) else results[0], indent=2) + "\n")
    else:
        _print_table(rows)
    return int(args.fail_on_open and any(answer.verdict == "open" for _, answer in rows))


def as_json(nsg: Nsg, answer: Exposure) -> dict[str, Any]:
    """The machine-readable result; its keys are a fixed interface."""
    return {
        "id": nsg.id,
        "verdict": answer.verdict,
        "port": answer.port,
        "protocol": answer.protocol,
        "publicSources": list(answer.public_sources),
        "publicShare": answer.public_share,
        "unknownSources": list(answer.unknown_sources),
        "reason": answer.reason,
        "witness": answer.witness and answer.witness.to_json(),
    }


def _asked(args: argparse.Namespace) -> tuple[int, str]:
    mistakes = []
    port, protocol = str(args.port).strip(), str(args.protocol).lower()
    if not (port.isascii() and port.isdigit() and len(port) < _TOO_LONG and int(port) <= _HIGHEST_PORT):
        mistakes.append(f"--port {args.port}: not a port; a port is a number from 0 to {_HIGHEST_PORT}")
    if protocol not in {"tcp", "udp"}:
        mistakes.append(f"--protocol {args.protocol}: neither tcp nor udp")
    if mistakes:
        raise InputError(mistakes)
    return int(port), protocol


def _composed(args: argparse.Namespace, document: Any, port: int, protocol: str) -> tuple[Nsg, Exposure]:
    if args.nsg == args.nic_nsg == _STDIN:
        raise InputError("--nic-nsg: standard input can be read once only; give one of the two as a file")
    nic = _load(args.nic_nsg)
    mistakes = [
        f"{path}: a list; with --nic-nsg both files hold one NSG each"
        for path, value in ((args.nsg, document), (args.nic_nsg, nic))
        if isinstance(value, list)
    ]
    if mistakes:
        raise InputError(mistakes)
    return _judged([parse(document), parse(nic)], port, protocol)


def _judged(nsgs: Sequence[Nsg], port: int, protocol: str) -> tuple[Nsg, Exposure]:
    for nsg in nsgs:
        for problem in nsg.problems if nsg.understood else ():
            name = nsg.id or "NSG without an id"
            text = f"{name}: rule {problem.rule}: {problem.field}: {problem.text}"
            sys.stderr.write(f"remediation: warning: {_printable(text)}\n")
    return nsgs[0], exposure(nsgs, port, protocol)


def _load(path: str) -> Any:
    """The groups of a file in their normal form: one, or a list that holds at least one JSON object."""
    if not path:
        raise InputError("--nsg or --nic-nsg: an empty path; expected a file that holds an NSG as JSON")
    name = "standard input" if path == _STDIN else _printable(path)
    values = values_of(name, _read(path, name), _EXPECTED)
    document = values[0] if len(values) == 1 else values
    elements = elements_of(document)
    alone = elements is None or _is_group(document)
    given = [document] if alone or elements is None else elements
    what = refusal(document) or _refusal(given)
    if what:
        raise InputError(f"{name}: this is {what}")
    if alone and not isinstance(document, Mapping):
        raise InputError(f"{name}: neither a JSON object nor a list of them")
    if not any(isinstance(element, Mapping) for element in given):
        raise InputError(f"{name}: the list holds no JSON object; expected network security groups")
    groups = _in_parents([_normal(element) for element in given])
    return groups[0] if alone else groups


def _read(path: str, name: str) -> bytes:
    try:
        return sys.stdin.buffer.read() if path == _STDIN else Path(path).read_bytes()
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        said = error.strerror if isinstance(error, OSError) else None
        raise InputError(f"{name}: cannot be read: {said or error}") from error


def _is_group(document: Any) -> bool:
    return isinstance(document, Mapping) and any(by_name(document, key) is not None for key in _GROUP)


def _refusal(elements: Sequence[Any]) -> str:
    """What elements are instead of groups; a group that was written without an id is one all the same."""
    return "" if any(map(_is_group, elements)) else refusal_of_elements(elements)


def _normal(element: Any) -> Any:
    return normal(element, NSG) if isinstance(element, dict) else element


def _in_parents(elements: list[Any]) -> list[Any]:
    """The groups, rules that stand beside them put in; a rule without its group says whose it is."""
    groups = {str(one.get("id")).lower(): one for one in elements if isinstance(one, dict)}
    shown: dict[int, Any] = {}
    for number, one in enumerate(elements):
        rule = _rule(one)
        if rule is None or rule.parent is None:
            shown[number] = one
            continue
        group = groups.get(rule.parent.key)
        if group is not None and isinstance(group.get("properties"), dict):
            rules = group["properties"].setdefault("securityRules", [])
            rules[:] = [each for each in rules if str(each.get("name")).lower() != rule.name.lower()]
            rules.append({**one, "name": rule.name})
        else:
            groups[rule.parent.key] = shown[number] = {"id": rule.parent.text}  # a mere reference: unknown
    return [shown[number] for number in sorted(shown)]


def _rule(element: Any) -> ResourceId | None:
    """The id of a rule that stands by itself; None for anything else."""
    try:
        identity = ResourceId.parse(element["id"])
    except (InvalidResourceId, KeyError, TypeError):
        return None
    return identity if identity.type == SECURITY_RULE else None


def _printable(text: str) -> str:
    """One line that is safe on a terminal: names and values come from the file, whatever is in them."""
    if text.isprintable():
        return text
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode("ascii") for char in text
    )


def _print_table(rows: Sequence[tuple[Nsg, Exposure]]) -> None:
    from rich.console import Console  # late: the JSON output does not pay for it

    console = Console(highlight=False, soft_wrap=False)
    console.width = max(console.width, _NARROWEST)
    with console.capture() as shown:
        console.print(_table(rows))
    sys.stdout.write(shown.get())  # rich would end the process when the reader goes away


def _table(rows: Sequence[tuple[Nsg, Exposure]]) -> "Table":
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    port = f"{rows[0][1].protocol} {rows[0][1].port}"
    table = Table(box=SIMPLE_HEAD, title=f"Internet to {port}", title_justify="left", pad_edge=False)
    table.add_column("NSG", overflow="fold")
    table.add_column("Verdict", no_wrap=True)
    table.add_column("Who gets in", overflow="fold")
    table.add_column("Through", overflow="fold")
    for nsg, answer in rows:
        name = (nsg.id or "(no id)").rpartition("/")[2]
        verdict = Text(answer.verdict, style=_COLOURS[answer.verdict])
        who = "\n".join(map(_printable, _who(answer)))
        table.add_row(Text(_printable(name)), verdict, Text(who), Text(_through(answer)))
    return table


def _who(answer: Exposure) -> Iterator[str]:
    if answer.sources:
        yield public_words(answer.sources)
    elif answer.verdict == "closed":
        yield "nobody from the internet"
    if answer.reason:
        yield answer.reason
    elif answer.unknown_sources:
        yield f"and what {', '.join(answer.unknown_sources)} holds"


def _through(answer: Exposure) -> str:
    seen = answer.witness
    if seen is None:
        return ""
    flow = f"{seen.source}:{seen.source_port} > {seen.destination}:{seen.port}"
    return f"{_printable(seen.allowed_by)} ({seen.priority})\n{flow}"
