"""Who set the exemption tag of a target, and since when: so that nobody exempts his own opening.

A tag is a property of the resource, and whoever may open a port may write it. It is attributed by what we
know: the event of the look that first saw its value. It counts for nothing for an opening that the same
principal made, and for one that was first seen together with it in the look of one event, whoever is said to
have sent that (one write can hold both). A look that no event asked for, such as a sweep, tells nothing about
who set what: a tag first seen then counts, as long as every tag does.

What this cannot tell: two principals of one person; two writes of two persons within the seconds before our
look, which are taken for one (and the opening is repaired); a tag whose event never came.
"""

from datetime import datetime

import msgspec

from remediation.findings import FindingRecord, State
from remediation.judging.exempting import EXEMPT_TAG
from remediation.ledger.claims import Claims, TagSeen
from remediation.ledger.findings_book import FindingsBook
from remediation.messages import Message, digest_of, maker_of
from remediation.model import Finding, Judgement, Resource
from remediation.model.records import name_of

LIVE = frozenset({State.OPEN, State.EXEMPT, State.SUSPECTED})


class ExemptTags:
    """Attributes exemption tags; the holder of a claim keeps what was seen on the target's record."""

    def __init__(self, claims: Claims, book: FindingsBook) -> None:
        self._claims = claims
        self._book = book

    def seen(
        self, subject: Resource, judgement: Judgement, message: Message, now: datetime
    ) -> TagSeen | None:
        """The tag as it stands now, with the findings that it cannot exempt; None where there is none."""
        value = subject.tags.get(EXEMPT_TAG)
        if value is None:
            return None
        record = self._claims.look_up(subject.id)
        known = None if record is None else record.tag
        if known is not None and known.value == value:
            tag, together = known, False
        else:
            tag, together = _first_seen(value, message, now), bool(message.event_id)
        records = self._book.of(subject.id) if judgement.findings else {}
        void = {
            name_of(finding.rule, finding.resource.text)
            for finding in judgement.findings
            if _is_own(finding, records, tag, message, together=together)
        }
        return msgspec.structs.replace(tag, void=sorted({*tag.void, *void}))


def _first_seen(value: str, message: Message, now: datetime) -> TagSeen:
    return TagSeen(value, now, maker_of(message), name=message.actor.get("name", ""))


def _is_own(
    finding: Finding, records: dict[str, FindingRecord], tag: TagSeen, message: Message, *, together: bool
) -> bool:
    """Whether who set a tag also made an opening. `together`: this look is the first to see the tag."""
    record = records.get(name_of(finding.rule, finding.resource.text))
    if record is not None and _is_known(finding, record):
        return bool(tag.by) and digest_of(record.actor) == tag.by
    return together or (bool(tag.by) and maker_of(message) == tag.by)


def _is_known(finding: Finding, record: FindingRecord) -> bool:
    """Whether a finding is what was found before, and no more."""
    same = (record.message, record.severity) == (finding.message, finding.severity.text)
    return record.state in LIVE and same
