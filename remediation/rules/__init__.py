"""The registry: every module of this package is one rule, found by its file name.

Add a file that defines one Rule and it is in; delete the file and it is out. Nothing else names a rule.
"""

import functools
import hashlib
import importlib
import pkgutil
from collections.abc import Mapping

from remediation import __version__
from remediation.rule import Rule


@functools.cache
def registry() -> Mapping[str, Rule]:
    """All rules by id, in alphabetical order. Imported on first use, not at indexing."""
    found: dict[str, Rule] = {}
    for info in sorted(pkgutil.iter_modules(__path__), key=lambda module: module.name):
        module = importlib.import_module(f"{__name__}.{info.name}")
        rules = [value for value in vars(module).values() if isinstance(value, Rule)]
        # Where this is raised no test gets far enough to see it.
        if len(rules) != 1 or rules[0].id != info.name.replace("_", "-"):  # pragma: no cover
            raise TypeError(f"{module.__file__} must define exactly one rule, with the id of its file name")
        found[rules[0].id] = rules[0]
    return found


def rules_for(kind: str) -> tuple[Rule, ...]:
    """The rules that judge resources of a type (lower case)."""
    return tuple(rule for rule in registry().values() if kind in rule.applies_to)


@functools.cache
def judged_types() -> frozenset[str]:
    """Every type that at least one rule judges."""
    return frozenset(kind for rule in registry().values() for kind in rule.applies_to)


@functools.cache
def rules_hash() -> str:
    """Names this set of rules: a judgement made by other rules is not skipped over as today's.

    The product's version is in it, since a check can be mended without a word of its documentation.
    """
    known = [f"{rule.id}:{rule.documentation}" for rule in registry().values()]
    text = "\n".join((__version__, *known))
    return hashlib.sha256(text.encode()).hexdigest()[:16]
