"""A command that we print, carried out as a shell and the Azure CLI would: on whatever ARM a test has."""

import json
import re
import shlex
from collections.abc import Iterator, Sequence
from typing import Any, Protocol

from remediation.resource_id import ResourceId

MANAGEMENT = "https://management.azure.com"
GUARDED = re.compile(r'test "\$\((?P<look>[^)]*)\)" = (?P<version>\S+) && (?P<steps>.*)', re.DOTALL)
FIELDS = {
    "--priority": ("priority", ""),
    "--direction": ("direction", ""),
    "--access": ("access", ""),
    "--protocol": ("protocol", ""),
    "--source-address-prefixes": ("sourceAddressPrefix", "es"),
    "--source-port-ranges": ("sourcePortRange", "s"),
    "--destination-address-prefixes": ("destinationAddressPrefix", "es"),
    "--destination-port-ranges": ("destinationPortRange", "s"),
}

type Document = dict[str, Any]


class SomeArm(Protocol):
    """What is asked of ARM; paths are ids."""

    def show(self, path: str) -> Document: ...

    def send(self, method: str, path: str, body: Document | None) -> None: ...


def typed(command: str, arm: SomeArm) -> bool:
    """Run one line; False where its look says that somebody has changed what it is about, and it stops."""
    guard = GUARDED.fullmatch(command)
    if guard is not None:
        look, (version,) = shlex.split(guard["look"]), shlex.split(guard["version"])
        assert look[:5] == ["az", "network", "nsg", "rule", "show"], look
        if arm.show(_options(look)["--ids"][0])["etag"] != version:
            return False
    for words in _steps(command if guard is None else guard["steps"]):
        _run(words, arm)
    return True


def _steps(line: str) -> Iterator[list[str]]:
    lexer = shlex.shlex(line, posix=True, punctuation_chars="&")
    lexer.whitespace_split, lexer.commenters = True, ""
    words: list[str] = []
    for word in lexer:
        if word == "&&":
            yield words
            words = []
        else:
            words.append(word)
    yield words


def _run(words: Sequence[str], arm: SomeArm) -> None:
    options = _options(words)
    match words[:5]:
        case ["az", "network", "nsg", "rule", "delete"]:
            arm.send("DELETE", options["--ids"][0], None)
        case ["az", "network", "nsg", "rule", "update"]:
            path = options["--ids"][0]
            now = arm.show(path)
            arm.send("PUT", path, {"properties": _changed(now["properties"], options)})
        case ["az", "network", "nsg", "rule", "create"]:
            arm.send("PUT", _named(options), {"properties": _changed({}, options)})
        case _:
            assert words[:2] == ["az", "rest"], words
            path = options["--url"][0].removeprefix(MANAGEMENT).partition("?")[0]
            body = json.loads(options["--body"][0]) if "--body" in options else None
            arm.send(options["--method"][0].upper(), path, body)


def _options(words: Sequence[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    values: list[str] = []
    for word in words:
        if word.startswith("--"):
            values = found.setdefault(word, [])
        else:
            values.append(word)
    return found


def _named(options: dict[str, list[str]]) -> str:
    where = f"/subscriptions/{options['--subscription'][0]}/resourceGroups/{options['--resource-group'][0]}"
    nsg = ResourceId.parse(
        f"{where}/providers/Microsoft.Network/networkSecurityGroups/{options['--nsg-name'][0]}"
    )
    return nsg.child("securityRules", options["--name"][0]).text


def _changed(properties: Document, options: dict[str, list[str]]) -> Document:
    """The properties with those of the options: one value stands in the singular, several in the plural."""
    result = dict(properties)
    for option, (name, ending) in FIELDS.items():
        if option not in options:
            continue
        values: list[Any] = [int(each) if name == "priority" else each for each in options[option]]
        result.pop(name, None)
        result.pop(name + ending, None)
        one = len(values) == 1 or not ending
        result |= {name: values[0]} if one else {name + ending: values}
    return result
