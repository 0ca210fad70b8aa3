"""What kind of news a card brings, in words and in colour. The words carry it; colour only helps."""

import re
from dataclasses import dataclass

from remediation.findings import FindingRecord, State
from remediation.telling.cards.elements import Colour, Style

PREFIX = "BastionGuard."


@dataclass(frozen=True, slots=True)
class News:
    """`label` heads the card, `meaning` is what it asks of the reader; `over` says there is nothing to do."""

    label: str
    meaning: str
    over: bool = False


KINDS: dict[str, News] = {
    "DriftFound": News("Drift found", "This needs a person: nothing has been changed."),
    "DriftProposed": News("Repair proposed", "A proven repair is ready and waits for you."),
    "DriftFixed": News("Repaired", "Bastion Guard has repaired this.", over=True),
    "DriftResolved": News("Resolved", "This is in order again. Nothing is left to do.", over=True),
    "DriftChanged": News("Changed", "A problem you know of is not what it was."),
    "DriftReopened": News("Back again", "This had been in order and has drifted again."),
    "DriftReminded": News("Still open", "Nobody has dealt with this yet."),
    "DriftExempted": News("Exempted", "This stays as it is for now: an exemption is in force.", over=True),
    "DriftExemptionExpired": News("Exemption over", "This was allowed for a time; the time is over."),
    "DriftFlapping": News(
        "Repair keeps being undone", "Bastion Guard has stopped repairing this: somebody wants it otherwise."
    ),
    "DriftAcknowledged": News("Taken on", "Somebody deals with this: it is quiet here until it changes."),
    "DriftMoved": News("Now told here", "This is open, and yours from now on."),
    "GaveUp": News("Gave up", "Bastion Guard has stopped trying: whether this is in order is not known."),
    "BaselineChanged": News("Baseline changed", "From now on everything is judged by another baseline."),
    "BaselineInvalid": News("Baseline broken", "Mend it: until then the last good one stays in force."),
    "WritingStopped": News("Stopped", "Nothing is repaired, by any worker, until somebody starts it again."),
    "WritingStarted": News("Started again", "The baseline holds again. Nothing is left to do.", over=True),
}
"""By the announcement's type without its prefix. A type that is not here is shown by its name."""
IN_ONE_PLACE: dict[str, News] = {
    "DriftToldElsewhere": News("Told elsewhere", "This is still open, and told elsewhere.", over=True),
    "DriftPassed": News(
        "Came and went", "This was wrong for a while, and resolved before you were told.", over=True
    ),
}
"""What only cards say, since it depends on what their place was told before."""
TAKEN_BACK = News(
    "Taken back", "A person took our repair back: this is open again, and stays so for now.", over=True
)
"""What an exemption is called that an undo gave."""
_NOT_GOOD = (KINDS["DriftExempted"], TAKEN_BACK, IN_ONE_PLACE["DriftToldElsewhere"])
"""Over for the reader, and not in order."""

OURSELVES = "/providers/bastionguard.settings/"
"""In the name of what we tell of ourselves: a channel that is down, events that do not arrive."""
TROUBLE = News("Trouble", "Something keeps Bastion Guard from its work.")
GUARDS = f"{OURSELVES}guards/"
TWO_APPS = News("Two apps", "Another app works on the same resources, and knows nothing of this one.")

_COLOURS: dict[str, Colour] = {"critical": "attention", "high": "attention", "medium": "warning"}
STYLES: dict[Colour, Style] = {
    "good": "good",
    "warning": "warning",
    "attention": "attention",
    "accent": "accent",
    "default": "emphasis",
}
_WORD = re.compile(r"[A-Z][a-z]*|[a-z]+")
SEVERITIES = ("critical", "high", "medium", "low", "info")


def news(record: FindingRecord) -> News:
    kind = record.change.removeprefix(PREFIX)
    if kind == "DriftExempted" and record.exempt_by.get("source") == "undo":
        return TAKEN_BACK
    if kind == "DriftFound" and record.disposition == "fix":
        return News("Drift found", "Bastion Guard is repairing this.")
    if kind == "GaveUp" and is_about_ourselves(record):
        return TWO_APPS if GUARDS in record.resource.lower() else TROUBLE
    return KINDS.get(kind) or IN_ONE_PLACE.get(kind) or _of_a_later_release(kind, record.state)


def _of_a_later_release(kind: str, state: State) -> News:
    """A title for a type that is not known here, by its name; what it asks follows from the state alone."""
    words = _WORD.findall(kind.removeprefix("Drift"))
    label = " ".join([word if at == 0 else word.lower() for at, word in enumerate(words)])
    if state in {State.FIXED, State.RESOLVED}:
        return News(label or "News", "This is in order. Nothing is left to do.", over=True)
    return News(label or "News", "This is still open.")


def is_about_ourselves(record: FindingRecord) -> bool:
    """Whether no resource of Azure is meant, but the app's own work."""
    return OURSELVES in record.resource.lower()


def colour(record: FindingRecord) -> Colour:
    """Green when it is in order, red from high upwards, yellow for medium, blue below and where exempt."""
    if news(record).over:
        return "accent" if news(record) in _NOT_GOOD else "good"
    return _COLOURS.get(record.severity, "accent")


def urgency(record: FindingRecord) -> tuple[bool, int]:
    """A sort key: what is still open comes first, the worst before the rest."""
    known = record.severity in SEVERITIES
    return news(record).over, SEVERITIES.index(record.severity) if known else len(SEVERITIES)
