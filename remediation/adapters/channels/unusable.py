"""A channel that cannot be used as it is set up: it refuses whatever it is given, with the reason.

Its secret is no settings error, since that would stop judging and repairing for the sake of one channel.
"""

from typing import Any

from remediation.errors import PermanentError


class UnusableChannel:
    """A Notifier that always refuses."""

    def __init__(self, why: str) -> None:
        self._why = why

    def post(self, card: dict[str, Any]) -> None:
        del card
        raise PermanentError(self._why)
