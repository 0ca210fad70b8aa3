"""The subscriptions that the Azure CLI knows of on this machine, as `az login` wrote them down.

Nothing is asked of Azure, and nothing but names and ids is read. Without the CLI's file there are none.
"""

import json
import os
from collections.abc import Iterator
from pathlib import Path

from remediation.errors import InputError
from remediation.plain import plain


def chosen() -> str:
    """The id of the subscription that `az login` or `az account set` chose; empty where none is."""
    return next((identity for identity, _, usual in _known() if usual), "")


def named(name: str) -> str:
    """The id of the subscription of that name, without case; empty without, InputError for several."""
    found = sorted({identity for identity, known, _ in _known() if known.lower() == name.strip().lower()})
    if len(found) > 1:
        ids = ", ".join(map(plain, found))
        raise InputError(
            f"--subscription {name}: {len(found)} subscriptions have this name, give an id: {ids}"
        )
    return found[0] if found else ""


def _known() -> Iterator[tuple[str, str, bool]]:
    folder = os.environ.get("AZURE_CONFIG_DIR", "").strip() or Path.home() / ".azure"
    try:
        profile = json.loads(Path(folder, "azureProfile.json").read_text(encoding="utf-8-sig"))
        for one in profile["subscriptions"]:
            yield str(one["id"]), str(one.get("name") or ""), bool(one.get("isDefault"))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RuntimeError):
        return  # RuntimeError: nobody's home is known
