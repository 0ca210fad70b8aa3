"""YAML or JSON text of a baseline -> the document in it; a key written twice is a mistake, not a choice."""

import json
from typing import Any

from remediation.errors import ConfigurationError


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
        problem = getattr(error, "problem", None) or "cannot be read"
        raise ConfigurationError(f"{name}: not YAML or JSON{where}: {problem}") from error
    except ValueError as error:  # a date that no calendar has
        raise ConfigurationError(f"{name}: not YAML or JSON: {error}") from error


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(dict(pairs)) < len(pairs):
        raise ValueError  # YAML's reader says which key and where
    return dict(pairs)


def _loader() -> Any:
    """A safe YAML loader that refuses a key written twice, since one of the two would silently be lost."""
    import yaml

    class Loader(yaml.SafeLoader):
        pass

    def mapping(loader: Any, node: Any) -> dict[Any, Any]:
        loader.flatten_mapping(node)
        keys = [loader.construct_object(key, deep=True) for key, _ in node.value]
        for key, (key_node, _) in zip(keys, node.value, strict=True):
            if keys.count(key) > 1 or isinstance(key, list | dict):
                problem = "a key is text" if isinstance(key, list | dict) else f"{key!r} is there twice"
                raise yaml.constructor.ConstructorError(None, None, problem, key_node.start_mark)
        return dict(loader.construct_pairs(node, deep=True))

    Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, mapping)
    return Loader
