"""What the timer of every quarter of an hour does for parts that were down: looks whether they work again.

A part that is still down stops no other. The ledger is written to, so that one that takes no writes is
noticed before a change needs it; where it takes none people are told directly, since nothing can be owed.
"""

import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from remediation.errors import BastionGuardError, PermanentError, TransientError
from remediation.intake.fetching.progress import Fetched
from remediation.intake.fetching.troubles import tell_unread
from remediation.on_call.importing import Imported, Importer
from remediation.reconciling.declaring.files import TakingIn
from remediation.telling.heartbeat import beat, unwritable
from remediation.telling.part_news import tell_parts
from remediation.telling.parts_down import CARDS, LETTERS, TOPIC
from remediation.telling.second_guard import tell_second_guard

if TYPE_CHECKING:
    from remediation.app.assembly import Parts

log = logging.getLogger("bastion_guard.app")


def upkeep(parts: "Parts") -> Mapping[str, Callable[[], object]]:
    """The work by part; the first to fail stops no other."""
    subscription = min(parts.settings.subscriptions)
    return {
        "ledger": partial(_write, parts),
        "cards": partial(_cards, parts),
        "topic": partial(_topic, parts),
        "import": partial(_import, parts),
        "letters": partial(_letters, parts),
        "guards": partial(_second_guard, parts),
        "declarations": partial(_declarations, parts),
        "changes": partial(_unread, parts),
        "channels": partial(tell_parts, parts.sender.parts, parts.herald, subscription),
    }


def _second_guard(parts: "Parts") -> None:
    ports = parts.ports
    tell_second_guard(ports.ledger, parts.herald, ports.clock.now(), sorted(parts.settings.subscriptions))


def _unread(parts: "Parts") -> None:
    """That activity logs are not read is told here: a timer that does not run can tell of nothing."""
    chosen, ports = parts.settings, parts.ports
    fetches = chosen.changes_from == "activityLog"
    watched, now = sorted(chosen.subscriptions), ports.clock.now()
    tell_unread(parts.herald, Fetched(ports.ledger), watched, now, fetches=fetches)


def _write(parts: "Parts") -> None:
    now = parts.ports.clock.now()
    try:
        beat(parts.ports.ledger, now)
    except BastionGuardError as error:
        log.error("ledger.unwritable", extra={"reason": str(error)})  # noqa: TRY400  the reason says it
        _tell_directly(parts, error, now)
        raise


def _tell_directly(parts: "Parts", error: BastionGuardError, now: datetime) -> None:
    """The one card that nobody owes: without a ledger there is no other way to tell people."""
    try:
        parts.sender.tell_directly(unwritable(error, now, min(parts.settings.subscriptions)))
    except (TransientError, PermanentError) as refused:
        log.warning("card.lost", extra={"reason": str(refused)})


def _cards(parts: "Parts") -> None:
    """A channel that refused is tried again; one that is silent has a message of its own on the queue."""
    if parts.sender.names_channels:
        parts.sender.parts.works(
            CARDS
        )  # the one webhook is no part any more; each channel is told of by itself
    trouble = parts.sender.parts.of(CARDS)
    if (trouble is not None and not trouble.passing) or parts.sender.refusing():
        parts.sender.nudge()


def _topic(parts: "Parts") -> None:
    """What is owed to a topic that was down is sent as soon as it takes it."""
    if parts.sender.parts.of(TOPIC) is not None:
        parts.herald.announce_all(in_hand=parts.policy.lease)


def _import(parts: "Parts") -> None:
    _importer(parts).take_poison(Imported())


def _declarations(parts: "Parts") -> None:
    """What teams declare by files is taken in; without any nothing looks for it."""
    keeper = parts.base.keeper()
    files = parts.base.adapters.declared_files()
    watched = parts.settings.subscriptions
    if TakingIn(files, parts.ports, watched, lambda some: keeper.declare(files=some)).run():
        parts.base.watch.forget()


def _importer(parts: "Parts") -> Importer:
    return parts.base.on_call(lambda: parts.baseline).importer()


def _letters(parts: "Parts") -> None:
    """Dead letters are taken in; an account of theirs that cannot be read is named and stops nothing."""
    try:
        _importer(parts).take_letters(Imported())
    except BastionGuardError as error:
        trouble = parts.sender.parts.failed(LETTERS, error)
        if trouble.serious:
            log.error("channel.failed", extra={"channel": LETTERS, "reason": trouble.reason})  # noqa: TRY400
        raise
    parts.sender.parts.works(LETTERS)
