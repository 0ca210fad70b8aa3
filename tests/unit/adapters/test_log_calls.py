"""How the product logs: a constant name to count by, keys to filter by, no secret among them."""

import ast
import re
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
LEVELS = frozenset({"debug", "info", "warning", "error", "exception", "critical", "log"})
NAME = re.compile(r"[a-z_]+(\.[a-z_]+)+")
NEVER = re.compile(r"token|secret|password|credential|webhook|connection_string|body|header|url|^key$|_key$")


def log_calls(source: str) -> Iterator[ast.Call]:
    """Every call of a logger's method, however the logger is named or got hold of."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in LEVELS:
            owner = ast.unparse(node.func.value)
            if re.search(r"(^|[._])log(ger|ging)?$|getLogger\(", owner, re.IGNORECASE):
                yield node


def faults(source: str) -> list[str]:
    """What is wrong with the log calls of a module, each with its line."""
    found = []
    for call in log_calls(source):
        first, *others = call.args[1:] if ast.unparse(call.func).endswith(".log") else call.args
        if not isinstance(first, ast.Constant) or not NAME.fullmatch(str(first.value)):
            found.append(f"{call.lineno}: the message is not a constant name")
        if others:
            found.append(f"{call.lineno}: what is told belongs into extra")
        if "extra" not in {keyword.arg for keyword in call.keywords}:
            found.append(f"{call.lineno}: no keys")
    return found


def keys(source: str) -> set[str]:
    """The constant keys of every dictionary in a function that logs."""
    functions = (
        node
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef) and any(log_calls(ast.unparse(node)))
    )
    dictionaries = (node for one in functions for node in ast.walk(one) if isinstance(node, ast.Dict))
    constants = chain.from_iterable(each.keys for each in dictionaries)
    return {str(key.value) for key in constants if isinstance(key, ast.Constant)}


def modules() -> list[str]:
    paths = [*(ROOT / "remediation").rglob("*.py"), ROOT / "function_app.py"]
    logging = (path for path in paths if any(log_calls(path.read_text())))
    return sorted(str(path.relative_to(ROOT)) for path in logging)


def test_the_modules_that_log_are_found() -> None:
    assert {
        "remediation/app/functions.py",
        "remediation/reconciling/endings.py",
        "remediation/telling/sender.py",
    } <= set(modules())


@pytest.mark.parametrize("module", modules())
def test_a_log_call_has_a_constant_name_and_keys(module: str) -> None:
    assert [] == faults((ROOT / module).read_text())


@pytest.mark.parametrize("module", modules())
def test_no_key_of_a_log_call_is_one_for_a_secret(module: str) -> None:
    assert [] == [key for key in keys((ROOT / module).read_text()) if NEVER.search(key)]


@pytest.mark.parametrize(
    "call",
    [
        'log.info(f"seen {x}", extra={})',
        'log.info("seen %s", x, extra={})',
        'log.info("event.seen".format(x), extra={})',
        'log.info("event.seen", x, extra={})',
        "log.log(level, message, extra={})",
        'self._log.warning("Something happened", extra={})',
        'logging.getLogger("x").error("event.seen")',
    ],
)
def test_a_call_that_reads_otherwise_is_found(call: str) -> None:
    assert 1 <= len(faults(call))
