"""Whose doing something is: what an event says of who changed something, with what, and when.

That a change was made by somebody, and that it is the one which opened or ended a finding, are two things: an
event may be old, replayed, or about something else. So a deed is named as a cause only where its time allows
it, and "unknown" is said where it does not.
"""

from datetime import datetime

import msgspec

OPEN_NOTHING = (
    "microsoft.resources/tags/",
    "microsoft.resources/subscriptions/resourcegroups/write",
    "microsoft.authorization/locks/",
    "microsoft.authorization/policyexemptions/",
)
"""How operations begin that bring a look and let nobody in: on tags, of a group too, locks and exemptions."""

OPEN_THEIR_OWN = {
    "microsoft.authorization/roleassignments/": frozenset({"bastion-rbac-reader"}),
    "microsoft.insights/diagnosticsettings/": frozenset({
        "bastion-diagnostics", "nsg-diagnostics", "pip-diagnostics",
    }),
}  # fmt: skip
"""How operations on rights and logs begin, and the rules that are about these: they open nothing else."""


class Deed(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One change as its event tells it; without an actor and a time nobody knows whose it was."""

    actor: dict[str, str] = {}
    operation: str = ""
    event_time: datetime | None = None
    correlation_id: str = ""

    @property
    def is_known(self) -> bool:
        return bool(self.actor) or self.event_time is not None

    def may_open(self, rule: str, resource: str) -> bool:
        """Whether a change of this kind can have opened a finding of a rule about a resource (its id)."""
        operation = self.operation.lower()
        kind = next((each for each in OPEN_THEIR_OWN if operation.startswith(each)), None)
        if kind is not None:
            return rule in OPEN_THEIR_OWN[kind] or f"/providers/{kind}" in resource.lower()
        return not operation.startswith(OPEN_NOTHING)

    def is_same_as(self, other: "Deed") -> bool:
        """Whether both are one and the same change."""
        return self.event_time == other.event_time and self.actor == other.actor

    @property
    def unnamed(self) -> "Deed":
        """The same for somebody who only wants to follow the trace: it caused nothing that is told."""
        return Deed(correlation_id=self.correlation_id)


NOBODY = Deed()


def cause(deed: Deed, since: datetime | None) -> Deed:
    """A deed as the cause of what was not there at `since`; without a name where it happened before.

    One without a time of its own is taken at its word.
    """
    if since is None or deed.event_time is None or deed.event_time >= since:
        return deed
    return deed.unnamed


def opener(deed: Deed, since: datetime | None, rule: str, resource: str) -> Deed:
    """The same for what opened a finding of a rule about a resource."""
    return cause(deed, since) if deed.may_open(rule, resource) else deed.unnamed
