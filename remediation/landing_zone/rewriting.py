"""Documents that are written back whole: a PUT replaces everything, so all that was read goes back."""

from collections.abc import Mapping
from typing import Any

from remediation.kinds import SERVER_KEYS
from remediation.model import Json


def as_put(document: Json) -> dict[str, Any]:
    """A document as a PUT takes it: everything but the versions and states the server keeps."""
    kept: dict[str, Any] = _without_servers_keys(document)
    return kept


def _without_servers_keys(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _without_servers_keys(item) for key, item in value.items() if key not in SERVER_KEYS}
    return [_without_servers_keys(item) for item in value] if isinstance(value, list) else value
