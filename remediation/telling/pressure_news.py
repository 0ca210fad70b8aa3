"""Tells people when Azure's pressure lasts, and that it is over: meanwhile changes are judged late."""

from datetime import datetime, timedelta

from remediation.errors import ConflictError
from remediation.ledger.pressure import Pressure, Spell
from remediation.messages import Message
from remediation.resource_id import ResourceId
from remediation.telling.announcing import Herald

LASTS = timedelta(hours=1)
"""A spell of this length is told; shorter ones are everyday life."""
PRESSURE = "providers/BastionGuard.Settings/pressure"
"""The name under which it is told; ARM has no such resource."""
TITLE = "Azure keeps asking Bastion Guard to wait"


def tell_pressure(pressure: Pressure, herald: Herald, now: datetime) -> int:
    """Announce each spell that lasts, once, and its end; returns how many last now."""
    lasting = 0
    for spell in list(pressure.spells()):
        about = ResourceId.parse(f"/subscriptions/{spell.subscription}/{PRESSURE}/{spell.region}")
        if spell.is_over(now):
            _end(pressure, herald, spell, about)
        elif lasts(spell):
            lasting += 1
            why = (
                f"Since {spell.since:%Y-%m-%d %H:%M} UTC Azure has asked again and again to wait, in "
                f"subscription {spell.subscription}, region {spell.region}: changes there are judged late"
            )
            records = herald.record_gave_up(about, why, Message(target=about.text), TITLE)
            herald.announce(about, records.values())
    return lasting


def lasts(spell: Spell) -> bool:
    return spell.until - spell.since >= LASTS


def _end(pressure: Pressure, herald: Herald, spell: Spell, about: ResourceId) -> None:
    """Forgotten only when it is told, so that a failure in between tells it the next time."""
    if lasts(spell):
        records = herald.record_reached(about, Message(target=about.text))
        herald.announce(about, records.values())
    try:
        pressure.forget(spell)
    except ConflictError:
        return
