"""One place where people hear of findings: which of them are told there, and in what form."""

from collections.abc import Callable, Collection
from dataclasses import dataclass

from remediation.findings import FindingRecord, State
from remediation.ledger.cards import Sent
from remediation.telling.channels.hearing import as_heard, says_over
from remediation.telling.channels.voices import CARDS, Voice


def _everything(_record: FindingRecord) -> Collection[str]:
    return ("",)


@dataclass(frozen=True, slots=True)
class Outlet:
    """`place` is its name in the ledger; `places` says where a finding is told today.

    Programs hear every finding `as_it_is`, whatever it is called for people of this place.
    """

    place: str = ""
    voice: Voice = CARDS
    places: Callable[[FindingRecord], Collection[str]] = _everything
    as_it_is: bool = False

    def heard(self, record: FindingRecord, sent: Sent) -> FindingRecord | None:
        """The finding as it is told here, by what was told before; None where there is nothing to tell."""
        here = self._is_told(record)
        heard = as_heard(record, sent, here=here)
        if not self.as_it_is:
            return heard
        return record if record.seq > sent.seq and (here or heard is not None) else None

    def ends_with(self, record: FindingRecord) -> bool:
        """Whether what is told of this record is the last word here, until it is told here anew."""
        return says_over(record) or (self.as_it_is and not self._is_told(record))

    def leaves_alone(self, record: FindingRecord) -> bool:
        """Whether it is over for the reader alone, since the finding stays as it is for now."""
        return record.state is State.EXEMPT

    def _is_told(self, record: FindingRecord) -> bool:
        return self.place in self.places(record)


ONE_WEBHOOK = Outlet()
"""Where an app without channels tells everything."""
