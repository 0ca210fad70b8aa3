"""Addresses of the app's own page, where people see all findings and act on one.

They lead to the app's own host and nowhere else; a name of somebody else's only ever stands behind the ?,
encoded. An app that knows no host of its own (a desk, a test) has no page, and then there is no address.
"""

import re
from collections.abc import Mapping
from urllib.parse import urlencode

from remediation.ledger.keys import id_of
from remediation.resource_id import ResourceId

PATH = "/api/board"
_HOST = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+(:\d{1,5})?", re.IGNORECASE)
_LOOPBACK = re.compile(r"127\.0\.0\.1(:\d{1,5})?")
"""Where a lab answers, without TLS."""
LONGEST = 600


def board(host: str, asked: Mapping[str, str] | None = None) -> str:
    """The page's list, narrowed by what is `asked` of it (owner, rule, severity, state, subscription)."""
    if not _HOST.fullmatch(host):
        return ""
    query = urlencode({name: value for name, value in (asked or {}).items() if value})
    page = f"{'http' if _LOOPBACK.fullmatch(host) else 'https'}://{host}{PATH}"
    address = f"{page}{'?' if query else ''}{query}"
    return address if len(address) <= LONGEST else page


def finding(host: str, target: str, name: str) -> str:
    """One finding on the page: its target's id, and its name within that target's findings."""
    return board(host, {"finding": id_of(ResourceId.parse(target).key, name)})
