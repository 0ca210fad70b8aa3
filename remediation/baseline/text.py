"""YAML or JSON text of a baseline -> the document in it; a key written twice is a mistake, not a choice.

Aliases are refused: a few lines of them stand for more than any memory holds, and no baseline needs one.
"""

import json
from typing import Any

from remediation.errors import LONGEST_PATH, ConfigurationError, Mistake
from remediation.plain import clipped, plain, shown

LONGEST_PROBLEM = 200
LONGEST_NUMBER = 40


def parse(text: str, name: str) -> Any:
    if text.lstrip("\ufeff \t\r\n").startswith("{"):
        try:  # PyYAML reads JSON too, but not with tabs
            return json.loads(text.removeprefix("\ufeff"), object_pairs_hook=_once)
        except ValueError:
            pass  # YAML's own braces, or a mistake to which PyYAML gives line and column
    # The import of PyYAML is paid for on first use only, never at indexing.
    import yaml

    try:
        return yaml.load(text, Loader=_loader())  # noqa: S506  a SafeLoader that refuses repeated keys
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" at line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise _unreadable(name, where, getattr(error, "problem", None) or "cannot be read") from error
    except ValueError as error:  # a date that no calendar has, a number without an end
        raise _unreadable(name, "", str(error)) from error


def _unreadable(name: str, where: str, problem: str) -> ConfigurationError:
    """What the parser says may quote the text, so it is the value of the mistake and not its kind."""
    kind = f"not YAML or JSON{where}"
    line = f"{clipped(plain(name), LONGEST_PATH)}: {kind}: {clipped(plain(problem), LONGEST_PROBLEM)}"
    return ConfigurationError(Mistake(line, "baseline", kind))


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(dict(pairs)) < len(pairs):
        raise ValueError  # YAML's reader says which key and where
    return dict(pairs)


def _loader() -> Any:
    """A safe YAML loader that refuses a key written twice, since one of the two would silently be lost."""
    import yaml

    class Loader(yaml.SafeLoader):
        def compose_node(self, parent: Any, index: Any) -> Any:
            if self.check_event(yaml.AliasEvent):
                event: Any = self.peek_event()  # type: ignore[no-untyped-call]
                problem = "an alias (*name); write out what it stands for"
                raise yaml.composer.ComposerError(None, None, problem, event.start_mark)
            return super().compose_node(parent, index)

        def construct_object(self, node: Any, deep: bool = False) -> Any:
            try:
                return super().construct_object(node, deep)
            except (LookupError, AttributeError, TypeError) as error:
                # PyYAML trusts a tag that is written out, and falls over text that is no such value.
                problem = f"not a value of {node.tag}"
                raise yaml.constructor.ConstructorError(None, None, problem, node.start_mark) from error

    def number(loader: Any, node: Any) -> int:
        if len(node.value) > LONGEST_NUMBER:
            raise yaml.constructor.ConstructorError(None, None, "an endless number", node.start_mark)
        return int(loader.construct_yaml_int(node))

    def mapping(loader: Any, node: Any) -> dict[Any, Any]:
        loader.flatten_mapping(node)
        seen: dict[Any, Any] = {}
        for key_node, _ in node.value:
            key = loader.construct_object(key_node, deep=True)
            if isinstance(key, list | dict) or key in seen:
                problem = "a key is text" if isinstance(key, list | dict) else f"{shown(key)} is there twice"
                where = key_node.start_mark if isinstance(key, list | dict) else seen[key]
                raise yaml.constructor.ConstructorError(None, None, problem, where)
            seen[key] = key_node.start_mark
        return dict(loader.construct_pairs(node, deep=True))

    Loader.add_constructor("tag:yaml.org,2002:int", number)
    Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, mapping)
    return Loader
