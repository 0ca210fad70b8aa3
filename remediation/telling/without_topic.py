"""The channel of record where no drift topic is configured: the sender is told directly."""

from collections.abc import Iterable

from remediation.ports import Announcement
from remediation.telling.sender import Sender


class DirectAnnouncer:
    """An Announcer that notes the card owed, as `on_drift` would have done."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender

    def announce(self, announcements: Iterable[Announcement]) -> None:
        for announcement in announcements:
            self._sender.note(announcement.data)
