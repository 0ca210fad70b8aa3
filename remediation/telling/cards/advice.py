"""What a person can type or write down, and when the app tries again by itself. Every line of it is tested.

Cards, the history and `why` have theirs from here, so that what is printed in one place works in all of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from shlex import quote

from remediation.findings import FindingRecord
from remediation.landing_zone.commands import words
from remediation.messages import utc
from remediation.model import Guard
from remediation.model.own import SETTINGS

APP = "python -m remediation"
LEFT_ALONE_FOR = timedelta(days=7)
EXEMPT_FOR = "4h"
BY_ITSELF: Mapping[Guard, str] = {
    Guard.REFUSED_BEFORE: (
        "A change of the resource does not repeat a write that was refused; one of a lock or of a policy "
        "exemption does, and so do every sweep, six hours apart, and a look that somebody asks for."
    ),
    Guard.LOCKED: (
        "It is repaired when the lock is gone: an event tells of that. Where none comes, the next sweep "
        "notices, or a look that you ask for."
    ),
    Guard.OVER_BUDGET: "It is looked at again by itself when the next hour's budget begins.",
    Guard.FLAPPING: (
        "Mend it where it comes from: a template, a pipeline or a person makes it again after each repair. "
        "It is repaired again once the window of limits.flapWindowHours has passed."
    ),
}
"""How a repair that is held back comes back, where the guard's own sentence does not say it."""
UNREADABLE = (
    "Nothing is written on behalf of a record that cannot be read: docs/runbook.md, unreadable-records, or "
    "docs/runbook.md, rolled-back, where an older release was published."
)


def by_itself(guard: Guard, why: str = "") -> str:
    """How a repair that a guard holds back for this reason comes back; "" where the reason says it."""
    unread = guard is Guard.REFUSED_BEFORE and "cannot be read" in why
    return UNREADABLE if unread else BY_ITSELF.get(guard, "")


PAGES: Mapping[str, str] = {
    "channels": "docs/runbook.md, channel-failed",
    "parts/cards": "docs/runbook.md, channel-failed",
    "parts/topic": "docs/runbook.md, channel-failed",
    "parts/dead-letters": "docs/runbook.md, channel-failed",
    "parts/ledger": "docs/runbook.md, unwritable-ledger",
    "changes/unread": "docs/runbook.md, unread-subscription",
    "changes/late": "docs/runbook.md, late-changes",
    "changes/missed": "docs/runbook.md, missed-events",
    "pressure": "docs/runbook.md, throttled",
    "baselines": "docs/runbook.md, baseline-broken",
    "guards": "docs/runbook.md, two-apps",
}
"""Where to read on about the app's own troubles, by the end of what they are told of."""


def page(resource: str) -> str:
    """The page of the runbook about one of the app's own troubles; the runbook itself where none is."""
    named = resource.lower().rpartition(f"/{SETTINGS.lower()}/")[2]
    return next((page for trouble, page in PAGES.items() if named.startswith(trouble)), "docs/runbook.md")


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads a card of which app: `app` is its name and `host` its own host, "" where it knows none.

    At a desk commands are typed from the checkout. Who reads a card of a deployed app has `bastion-guard`
    installed, and names the app.
    """

    app: str = ""
    host: str = ""

    def command(self, text: str) -> str:
        """One of our commands as this reader types it; any other stays as it is."""
        verb = text.removeprefix(f"{APP} ")
        if not self.app or verb == text:
            return text
        needs_app = verb.split(" ", 1)[0] not in WITHOUT_APP
        return f"{INSTALLED} {verb}{f' --app {word(self.app)}' if needs_app else ''}"


INSTALLED = "bastion-guard"
WITHOUT_APP = frozenset({"explain", "rules"})
"""Commands that ask no app."""
AT_A_DESK = Reader()


def look(resource: str) -> str:
    """Have the app look at a resource now, whatever it remembers of it."""
    return words(f"{APP} look", resource)


def start() -> str:
    """End a stop, for every worker."""
    return f"{APP} start"


def entry(identity: str) -> str:
    """One entry of the history in full."""
    return words(f"{APP} history", identity)


def why(resource: str) -> str:
    return words(f"{APP} why", resource)


def listing(since: datetime) -> str:
    """Everything that was told from a moment on."""
    return f"{APP} history --since {utc(since):%Y-%m-%dT%H:%M:%SZ} --kind announced"


def undo(write_id: str) -> str:
    """Take a repair back; without the time the command asks for it, which no script can answer."""
    return f"{APP} undo {word(write_id)} --exempt-for {EXEMPT_FOR}"


def explain(rule: str) -> str:
    return f"{APP} explain {word(rule)}"


def exemption(record: FindingRecord, now: datetime) -> str:
    """The line below `exemptions:` of a baseline that leaves a finding alone for a week."""
    until = utc(now + LEFT_ALONE_FOR).replace(minute=0, second=0, microsecond=0)
    resource, rule = _text(record.resource), _text(record.rule)
    return (
        f"- {{resource: {resource}, rule: {rule}, until: {until:%Y-%m-%dT%H:%M:%SZ}, reason: being mended}}"
    )


def word(text: str) -> str:
    """A name as one word of a command line, on one line."""
    return quote(" ".join(text.split()))


def _text(text: str) -> str:
    """A text of YAML that says exactly this, whatever is in it."""
    escaped = " ".join(text.split()).replace("'", "''")
    return f"'{escaped}'"
