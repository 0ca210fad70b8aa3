"""Who set the tags of a target that hold repairs back, and since when: nobody exempts his own opening.

A tag is a property of the resource, and whoever may open a port may write it. It is attributed by what we
know: the event of the look that first saw its value. It counts for nothing for an opening that the same
principal made, and for one that was first seen together with it in the look of one event, whoever is said to
have sent that (one write can hold both). A look that no event asked for, such as a sweep, tells nothing about
who set what: a tag first seen then counts, as long as every tag does, until the event of a write that came
before that look says who made it. Another value begins no new hours while the last one leaves something
alone.

What this cannot tell: two principals of one person; two writes of two persons within the seconds before our
look, which are taken for one (and the opening is repaired); a tag whose event never came.
"""

from datetime import datetime, timedelta

import msgspec

from remediation.findings import FindingRecord, State
from remediation.judging.exempting import EXEMPT_TAG
from remediation.judging.planning import OPT_OUT_TAG
from remediation.ledger.claims import Claims, TagSeen, TargetRecord
from remediation.ledger.findings_book import FindingsBook
from remediation.messages import Message, digest_of, maker_of
from remediation.model import Finding, Judgement, Resource
from remediation.model.records import name_of

LIVE = frozenset({State.OPEN, State.EXEMPT, State.SUSPECTED})
LATE = timedelta(minutes=15)
"""How long before a look a write was made, at most, that it is the first to see."""
SKEW = timedelta(minutes=2)
"""By how much Azure's clock and ours may differ."""


class ExemptTags:
    """Attributes tags; the holder of a claim keeps what was seen on the target's record."""

    def __init__(self, claims: Claims, book: FindingsBook) -> None:
        self._claims = claims
        self._book = book

    def seen(
        self, subject: Resource, judgement: Judgement, message: Message, now: datetime
    ) -> tuple[TagSeen | None, TagSeen | None]:
        """The exemption and the opt-out as they stand now, each with the findings that it cannot hold back.

        None for one that is not there.
        """
        values = subject.tags.get(EXEMPT_TAG), subject.tags.get(OPT_OUT_TAG)
        if values == (None, None):
            return None, None
        record = self._claims.look_up(subject.id) or TargetRecord(subject.id.text)
        records = self._book.of(subject.id) if judgement.findings else {}
        exempt, opt_out = (
            None if value is None else _seen(value, known, judgement, records, message, now)
            for value, known in zip(values, (record.tag, record.opt_out), strict=True)
        )
        return exempt, opt_out


def _seen(
    value: str,
    known: TagSeen | None,
    judgement: Judgement,
    records: dict[str, FindingRecord],
    message: Message,
    now: datetime,
) -> TagSeen:
    """One tag, with who set it and what it does not count for."""
    if known is not None and known.value == value:
        late = not known.by and _is_late_news(message, known.since)
        tag, together = _attributed(known, message) if late else known, False
    else:
        fresh = TagSeen(value, _since(known, records, now))
        tag, together = _attributed(fresh, message), bool(message.event_id)
    void = {
        name_of(finding.rule, finding.resource.text)
        for finding in judgement.findings
        if _is_own(finding, records, tag, message, together=together)
    }
    return msgspec.structs.replace(tag, void=sorted({*tag.void, *void}))


def _attributed(tag: TagSeen, message: Message) -> TagSeen:
    return msgspec.structs.replace(tag, by=maker_of(message), name=message.actor.get("name", ""))


def _since(known: TagSeen | None, records: dict[str, FindingRecord], now: datetime) -> datetime:
    """When the hours of a new value began: with those of the last one, while that leaves something alone."""
    goes_on = any(record.state is State.EXEMPT for record in records.values())
    return known.since if known is not None and goes_on else now


def _is_own(
    finding: Finding, records: dict[str, FindingRecord], tag: TagSeen, message: Message, *, together: bool
) -> bool:
    """Whether who set a tag also made an opening. `together`: this look is the first to see the tag."""
    record = records.get(name_of(finding.rule, finding.resource.text))
    if record is None or not _is_known(finding, record):
        return together or (bool(tag.by) and maker_of(message) == tag.by)
    maker = digest_of(record.actor)
    if maker or not _is_late_news(message, record.opened_at):
        return bool(tag.by) and maker == tag.by
    return maker_of(message) == tag.by if tag.by else _is_late_news(message, tag.since)


def _is_late_news(message: Message, seen: datetime) -> bool:
    """Whether a message tells of a write that a look at a moment may have been the first to see."""
    written = message.event_time
    return bool(message.event_id) and written is not None and -SKEW <= seen - written <= LATE


def _is_known(finding: Finding, record: FindingRecord) -> bool:
    """Whether a finding is what was found before, and no more."""
    same = (record.message, record.severity) == (finding.message, finding.severity.text)
    return record.state in LIVE and same
