"""Which resource an expression of a plan's configuration means, where its id is known after the apply only.

A plan lists what an expression refers to and not how: one candidate, or one with the same key of a loop, is
an answer; a choice between several is none.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from remediation.estates.deployments.terraform.instances import Instance, Key, ModulePath, Plan

_RESOURCE = re.compile(r'^(data\.)?([a-z]\w*)\.([\w-]+)(\[(?:"([^"]*)"|(\d+))\])?')
_MODULE = re.compile(r'^module\.([\w-]+)(?:\[(?:"([^"]*)"|(\d+))\])?\.([\w-]+)(?:\[(?:"([^"]*)"|(\d+))\])?')
_VARIABLE = re.compile(r"^var\.([\w-]+)")
_NO_RESOURCES = frozenset({"module", "var", "local", "each", "count", "path", "terraform", "self", "data"})
DEEPEST = 30


def meant(plan: Plan, expression: Any, module: ModulePath, key: Key, kinds: Sequence[str]) -> Instance | None:
    """The one instance of these types that an expression means, seen from an instance of a module."""
    found = {one.address: one for one in _candidates(plan, expression, module, key, 0) if one.type in kinds}
    return next(iter(found.values())) if len(found) == 1 else None


def all_meant(
    plan: Plan, expression: Any, module: ModulePath, key: Key, kinds: Sequence[str]
) -> list[Instance]:
    """Every instance of these types that an expression refers to, for lists of references."""
    found = {one.address: one for one in _candidates(plan, expression, module, key, 0) if one.type in kinds}
    return list(found.values())


def _candidates(plan: Plan, expression: Any, module: ModulePath, key: Key, depth: int) -> Iterator[Instance]:
    texts = _references(expression)
    if depth > DEEPEST:
        return
    by_key = bool({"each.key", "count.index"} & set(texts)) or any(
        text in {"each.value.key", "each.value"} for text in texts
    )
    for text in texts:
        resource = _RESOURCE.match(text)
        if inside := _MODULE.match(text):
            name, output = inside.group(1), inside.group(4)
            part = _key(inside.group(5), inside.group(6))
            for own in _module_keys(plan, module, name, _key(inside.group(2), inside.group(3)), key, by_key):
                path = (*module, (name, own))
                told = plan.output(path, output)
                every = list(_candidates(plan, told, path, key if own == key else own, depth + 1))
                yield from [one for one in every if part is not None and one.key == part] or every
        elif (variable := _VARIABLE.match(text)) and module:
            told = plan.call(module).get(variable.group(1))
            yield from _candidates(plan, told, module[:-1], module[-1][1], depth + 1)
        elif resource and (resource.group(2) not in _NO_RESOURCES):
            every = plan.at(module, resource.group(2), resource.group(3), data=bool(resource.group(1)))
            wanted = _key(resource.group(5), resource.group(6))
            yield from _chosen(every, wanted, key, by_key)


def _chosen(every: Sequence[Instance], wanted: Key, key: Key, by_key: bool) -> list[Instance]:
    if wanted is not None:
        return [one for one in every if one.key == wanted]
    if by_key and key is not None:
        same = [one for one in every if one.key == key]
        return same or list(every)
    return list(every)


def _module_keys(plan: Plan, module: ModulePath, name: str, wanted: Key, key: Key, by_key: bool) -> list[Key]:
    """The instances of a module that may be meant."""
    if wanted is not None:
        return [wanted]
    every = {
        one.module[len(module)][1]
        for one in plan.instances
        if len(one.module) > len(module)
        and one.module[: len(module)] == module
        and one.module[len(module)][0] == name
    }
    return [key] if by_key and key in every else sorted(every, key=str)


def _key(text: str | None, number: str | None) -> Key:
    return int(number) if number else text


def _references(expression: Any) -> list[str]:
    """What an expression refers to; the whole resource only where no part of it is named."""
    if isinstance(expression, list):
        return [text for one in expression for text in _references(one)]
    told = expression.get("references") if isinstance(expression, Mapping) else None
    texts = [text for text in told if isinstance(text, str)] if isinstance(told, list) else []
    return [one for one in texts if not any(_is_part(other, one) for other in texts)]


def _is_part(other: str, one: str) -> bool:
    return other != one and other.startswith((f"{one}.", f"{one}["))
