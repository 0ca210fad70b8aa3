"""What only the clock, the ledger and a look at the locks know, as planning asks for it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from remediation.judging.consenting import Consent
from remediation.model import Closing, Exemption, Resource, Spent, Unread

NOT_ASKED = Unread("a running app does not ask for them")


@dataclass(frozen=True, slots=True)
class Standing:
    """What only the clock, the ledger and a look at the locks know.

    `closings` are our own repairs of a finding within the flap window, `by` is who is said to have made the
    change we answer; `spent` is None where no budget is kept; `locks` are those in force on the subject,
    inherited ones too; `deny_assignments` those in force on it, where they were read; `refused_before` says
    why the write of a finding is not tried again; `exempt` what of a finding is left alone because a person
    took its repair back, or asked. `tagged_since` is when the subject's exemption by tag was first seen
    (None: now), `tagged_by` who is said to have set it; for findings named in `void_tags` it counts for
    nothing, since who made the opening also set the tag, and so does the opt-out for those in
    `void_opt_outs`. `declared` says why the repair of a finding waits because of what was declared, and until
    when: a template says so, or a deployment may have done it. `consent` is the word of a person who applies
    one repair.
    """

    now: datetime
    closings: Mapping[tuple[str, str], Sequence[Closing]] = field(default_factory=dict)
    by: str = ""
    spent: Spent | None = None
    locks: Sequence[Resource] | Unread = ()
    policy_exemptions: Sequence[Resource] | Unread = ()
    deny_assignments: Sequence[Resource] | Unread = NOT_ASKED
    refused_before: Mapping[tuple[str, str], str] = field(default_factory=dict)
    exempt: Mapping[tuple[str, str], Sequence[Exemption]] = field(default_factory=dict)
    tagged_since: datetime | None = None
    tagged_by: str = ""
    void_tags: frozenset[str] = frozenset()
    void_opt_outs: frozenset[str] = frozenset()
    declared: Mapping[tuple[str, str], tuple[str, datetime | None]] = field(default_factory=dict)
    consent: Consent | None = None
