"""Etags as ARM writes them."""

from __future__ import annotations

import uuid


def new_etag() -> str:
    """A weak one around a guid, never given before."""
    return f'W/"{uuid.uuid4()}"'
