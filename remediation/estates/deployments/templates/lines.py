"""The lines on which a template's resources begin."""

import re

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:\n]')

type Pointer = tuple[str | int, ...]


def resource_lines(text: str) -> dict[Pointer, int]:
    """Line by pointer, for every object that stands in a member called `resources`."""
    found: dict[Pointer, int] = {}
    path: list[str | int] = []
    opened: list[str] = []
    line, word = 1, ""
    for match in _TOKEN.finditer(text):
        sign = match.group()
        if sign == "\n":
            line += 1
        elif sign in "{[":
            if sign == "{" and len(path) > 1 and path[-2] == "resources":
                found[tuple(path)] = line
            opened.append(sign)
            path.append(0 if sign == "[" else "")
        elif sign in "}]":
            if not opened:
                return found
            opened.pop()
            path.pop()
        elif sign == ":" and path:
            path[-1] = word
        elif sign == "," and path and isinstance(path[-1], int):
            path[-1] += 1
        elif sign.startswith('"'):
            word = sign[1:-1]
            line += sign.count("\n")
    return found
