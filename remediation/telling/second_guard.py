"""Tells people that another guard writes the same repairs in the same subscription, and when it has stopped.

Two apps with a ledger each do not know each other: each counts its own budget, tells its own channel, and
undoes nothing of the other's. Nothing is broken by it, since both write only what is proven; but a stop of
one is no stop of the other. It shows where a repair of ours was made already, word for word, when we came to
write it, and again in another place within a day. Who it is is told as far as the events of those changes
agree; where only people are named for them, they have put things right themselves, and nothing is told.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from remediation.findings import State
from remediation.ledger.findings_book import FindingsBook
from remediation.ledger.inbox import Inbox
from remediation.ledger.targets import beaten
from remediation.ledger.targets.beaten import Beaten
from remediation.messages import Message, digest_of
from remediation.ports import Ledger
from remediation.resource_id import ResourceId
from remediation.telling.announcing import Herald

GUARDS, SECOND = "providers/BastionGuard.Settings/guards", "second"
"""The name under which it is told; ARM has no such resource."""
TITLE = "Another guard repairs the same resources"
ENOUGH = 2
"""In so many places within a day it is no chance any more."""
AROUND = timedelta(minutes=5)
"""How far from our coming too late an event may be to tell who was first."""


def tell_second_guard(ledger: Ledger, herald: Herald, now: datetime, subscriptions: Sequence[str]) -> int:
    """Announce another guard, once per subscription, and that none has been seen for a day.

    Returns in how many subscriptions there is one.
    """
    seen = beaten.lately(ledger, now)
    beaten.forget(ledger, now)
    found = 0
    for subscription in subscriptions:
        about = ResourceId.parse(f"/subscriptions/{subscription}/{GUARDS}/{SECOND}")
        here = [one for one in seen if ResourceId.parse(one.target).subscription == subscription.lower()]
        if not here:
            herald.announce(about, herald.record_reached(about, Message(target=about.text)).values())
            continue
        if _is_told(ledger, about):
            found += 1
            continue
        why = _why(Inbox(ledger), here)
        if why:
            found += 1
            herald.announce(
                about, herald.record_gave_up(about, why, Message(target=about.text), TITLE).values()
            )
    return found


def _is_told(ledger: Ledger, about: ResourceId) -> bool:
    return any(record.state is State.OPEN for record in FindingsBook(ledger).of(about).values())


def _why(inbox: Inbox, seen: Sequence[Beaten]) -> str:
    """What there is to tell; "" where it may be chance, or was people."""
    places = {one.target.lower() for one in seen}
    if len(places) < ENOUGH:
        return ""
    names = _in_each_place(inbox, seen)
    machines = [name for name in names.values() if "@" not in name]
    if names and not machines:
        return ""
    who = f"It is {' or '.join(sorted(machines))}" if machines else "No event tells who"
    return (
        f"{len(seen)} repairs in {len(places)} places had been made, exactly as we were about to make them, "
        f"when we came to write them, the last at {seen[-1].at:%Y-%m-%d %H:%M} UTC. {who}. A stop, an "
        "exemption or the budget of this app does not hold for another one: one of the two has to go"
    )


def _in_each_place(inbox: Inbox, seen: Sequence[Beaten]) -> Mapping[str, str]:
    """The principals that the events of every such change name, by a digest of each."""
    events = [
        message
        for message, _ in inbox.between(seen[0].at - AROUND, seen[-1].at + AROUND)
        if message.actor and message.event_time is not None
    ]
    shared: dict[str, str] | None = None
    for one in seen:
        there = {
            digest_of(event.actor): _name(event.actor)
            for event in events
            if event.named.lower() == one.target.lower() and _is_near(event.event_time, one.at)
        }
        if there:
            shared = there if shared is None else {key: shared[key] for key in shared.keys() & there.keys()}
    return shared or {}


def _is_near(moment: datetime | None, at: datetime) -> bool:
    return moment is not None and abs(moment - at) <= AROUND


def _name(actor: Mapping[str, str]) -> str:
    name = actor.get("name") or actor.get("objectId") or actor.get("appId") or ""
    application = actor.get("appId", "")
    return f"{name} (application {application})" if application and application != name else name
