"""After an outage: take in again what fell out of the flow, each thing once, and tell what is hopeless.

That this runs at all says that settings, ledger and queue are well again. A message that fails a second time
within a day is poisonous for good: it is set aside, where a replay finds it, and people are told.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import msgspec

from remediation.errors import InputError, UnreadableError
from remediation.messages import CardMessage, Message, decode, decode_card, encode
from remediation.on_call.past_events import Past, named, of_letter
from remediation.on_call.replay import MOST_POISON, Sources
from remediation.on_call.sources import DeadLetter, Poison
from remediation.ports import Clock, Queue
from remediation.resource_id import ResourceId
from remediation.telling.announcing import Herald

log = logging.getLogger("bastion_guard.import")

LOOK_BACK = timedelta(days=3)
AGAIN_AFTER = timedelta(days=1)
CARDS = "poison of cards"
"""The name under which it is remembered that cards were tried once more."""
MOST_EVENTS = 500


@dataclass(slots=True)
class Imported:
    """What one run came to: pieces of work taken in again, messages set aside, events that are none."""

    taken: int = 0
    aside: int = 0
    refused: int = 0


class Importer:
    """Empties the poison queues and reads the dead letters."""

    def __init__(self, sources: Sources, queue: Queue, herald: Herald, clock: Clock) -> None:
        self._sources = sources
        self._intake = sources.intake
        self._queue = queue
        self._herald = herald
        self._clock = clock

    def run(self) -> Imported:
        """One bounded run; what is left over is for the next one."""
        done = Imported()
        self.take_poison(done)
        self.take_letters(done)
        return done

    def take_poison(self, done: Imported) -> None:
        """Empty the poison queues."""
        for queue in (self._sources.poison, self._sources.neighbourhood_poison):
            with queue().taken(MOST_POISON) as held:
                for poison in held:
                    self._poison(poison, done)
        with self._sources.cards_poison().taken(MOST_POISON) as held:
            self._cards(held, done)

    def take_letters(self, done: Imported) -> None:
        """Read the dead letters; raises where their account cannot be read."""
        container = self._sources.dead_letters()
        if container is not None:
            now = self._clock.now()
            for letter in container.between(now - LOOK_BACK, now + timedelta(minutes=5)):
                if done.taken >= MOST_EVENTS:
                    break
                self._letter(letter, done)
        log.info("import.done", extra={"taken": done.taken, "aside": done.aside, "refused": done.refused})

    def _poison(self, poison: Poison, done: Imported) -> None:
        try:
            message = decode(poison.text)
        except InputError as error:
            self._set_aside(poison.text, f"a message cannot be read: {error}", Message(), done)
        else:
            self._failed(message, poison.text, done)
        poison.remove()

    def _cards(self, held: Sequence[Poison], done: Imported) -> None:
        """However many nudges fell out, one brings the cards that are owed; a second time it is told."""
        nudges = [poison for poison in held if _is_nudge(poison.text)]
        for poison in held:
            if poison not in nudges:
                self._set_aside(poison.text, "a nudge for cards cannot be read", Message(), done)
                poison.remove()
        if not nudges:
            return
        now = self._clock.now()
        if self._intake.was_taken(CARDS, now - AGAIN_AFTER):
            why = "cards could not be sent, again and again, for reasons that nobody foresaw: see the log"
            self._tell(why, Message())
            done.aside += len(nudges)
        else:
            self._queue.send_card(CardMessage())
            self._intake.take(CARDS, now)
            done.taken += 1
        for poison in nudges:
            poison.remove()

    def _failed(self, message: Message, text: str, done: Imported) -> None:
        """Once more, from the start; a second time within a day it is set aside."""
        now = self._clock.now()
        anew = msgspec.structs.replace(message, reason="poison", attempt=0, force=True, replay_id="")
        name = f"poison {encode(anew)}"
        if self._intake.was_taken(name, now - AGAIN_AFTER):
            why = "handling it failed again and again, for reasons that nobody foresaw: see the log"
            self._set_aside(text, why, message, done)
            return
        self._queue.send(anew)
        self._intake.take(name, now)
        done.taken += 1

    def _letter(self, letter: DeadLetter, done: Imported) -> None:
        if self._intake.was_taken(letter.path):
            return
        for found in of_letter(letter.read(), letter.path):
            if isinstance(found, Past):
                self._queue.send(msgspec.structs.replace(found.message, reason="dead letter", force=True))
                done.taken += 1
            elif found.why:
                done.refused += 1
                log.warning("dead_letter.refused", extra={"where": found.where, "reason": found.why})
        self._intake.take(letter.path, self._clock.now())

    def _set_aside(self, text: str, why: str, message: Message, done: Imported) -> None:
        """Kept, told once, and replayable; what names no resource is told of the first subscription."""
        self._intake.set_aside(text, why, self._clock.now())
        done.aside += 1
        self._tell(why, message)

    def _tell(self, why: str, message: Message) -> None:
        resource = _resource(message, min(self._sources.subscriptions))
        try:
            records = self._herald.record_gave_up(resource, f"A message is poisonous: {why}.", message)
            self._herald.announce(resource, records.values())
        except UnreadableError as error:
            log.warning("give_up.unrecorded", extra={"target": resource.text, "record": str(error)})


def _is_nudge(text: str) -> bool:
    try:
        decode_card(text)
    except InputError:
        return False
    return True


def _resource(message: Message, subscription: str) -> ResourceId:
    try:
        return ResourceId.parse("".join(named(message)))
    except InputError:
        return ResourceId.parse(f"/subscriptions/{subscription}")
