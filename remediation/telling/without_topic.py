"""The channel of record where there is no drift topic, or where its events cannot come back to the app."""

from collections.abc import Iterable
from typing import Protocol

from remediation.ports import Announcement, Announcer


class Noting(Protocol):
    """Who notes the cards that this process's own announcements owe: a Sender, or a Switchboard."""

    def note_own(self, data: object) -> None: ...


class DirectAnnouncer:
    """An Announcer that notes the card owed, as `on_drift` would have done."""

    def __init__(self, sender: Noting) -> None:
        self._sender = sender

    def announce(self, announcements: Iterable[Announcement]) -> None:
        for announcement in announcements:
            self._sender.note_own(announcement.data)


class TopicAndSender:
    """An Announcer for an app that takes nothing in: others hear of it on the topic, the sender directly.

    The sender comes first: a topic that is down must not hold cards back. What is told twice is one card.
    """

    def __init__(self, topic: Announcer, sender: Noting) -> None:
        self._topic = topic
        self._direct = DirectAnnouncer(sender)

    def announce(self, announcements: Iterable[Announcement]) -> None:
        told = list(announcements)
        self._direct.announce(told)
        self._topic.announce(told)
