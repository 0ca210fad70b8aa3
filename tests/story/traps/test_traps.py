"""Every trap of the guidance is a named test: which one, its docstring says.

A trap is told here, or where its story is told anyway; nothing is told twice.
"""

import importlib
import pkgutil
import re
from collections.abc import Iterator

from tests.story import core, traps

TRAPS = 22


def docstrings() -> Iterator[str]:
    """What each test of these packages says it is about."""
    for package in (traps, core):
        for info in pkgutil.iter_modules(package.__path__):
            module = importlib.import_module(f"{package.__name__}.{info.name}")
            for name, value in vars(module).items():
                if name.startswith("test_") and callable(value):
                    yield value.__doc__ or ""


def test_there_is_a_test_for_each_trap() -> None:
    named = [re.match(r"Trap (\d+): \S", text) for text in docstrings()]

    assert set(range(1, TRAPS + 1)) == {int(found[1]) for found in named if found}
