"""What was declared, as a look sees it: who spoke, whose word stands, what differs, what may be put back."""

import hashlib
import logging
from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta

import msgspec

from remediation.baseline import Baseline
from remediation.declared.declaration import Declaration
from remediation.declared.deployed.places import target_of
from remediation.declared.rule import DECLARED_DRIFT
from remediation.errors import BastionGuardError, UnreadableError
from remediation.intake.fetching.port import ChangeLog
from remediation.judging.reads import Reads
from remediation.kinds import DIAGNOSTIC_SETTING, SUBNET
from remediation.ledger.declaring.declarations import Declarations, declared_in
from remediation.ledger.declaring.deployments import Deployments
from remediation.ledger.declaring.records import DeclarationRecord, ToSweep
from remediation.messages import Message
from remediation.model import Finding, Snapshot
from remediation.policy import Policy
from remediation.ports import Ledger
from remediation.reconciling.declaring.account import Account
from remediation.reconciling.declaring.attending import Attending, Word
from remediation.reconciling.declaring.drifting import Drift, drift
from remediation.reconciling.declaring.hearing import Hearer
from remediation.reconciling.declaring.reckoning import Noted, Reason, Reckoning, Records
from remediation.reconciling.declaring.templates import Against, Trust
from remediation.reconciling.declaring.waiting import LOG_DELAY, Asking, Waiting
from remediation.resource_id import ResourceId
from remediation.rule import Listed, Rule

_SETTINGS = replace(DECLARED_DRIFT, needs=(Listed(DIAGNOSTIC_SETTING),))

log = logging.getLogger("bastion_guard.declared")


class Seeing:
    """Looks at what was declared, by one baseline; `changes` is asked before a write that puts it back.

    One that `keeps` nothing is for whoever only wants to see.
    """

    def __init__(
        self,
        ledger: Ledger,
        baseline: Baseline,
        policy: Policy,
        changes: ChangeLog | None = None,
        *,
        keeps: bool = True,
    ) -> None:
        declared = baseline.declared
        self._baseline = baseline
        self._book = Declarations(ledger)
        deployments = Deployments(ledger)
        self._hearer = Hearer(self._book, deployments, declared)
        self._attending = Attending(self._book, deployments, declared, keeps=keeps)
        self._comparing = Attending(self._book, deployments, declared, keeps=False)
        self._waiting = Waiting(self._hearer, policy.margin, timedelta(minutes=declared.settle_minutes))
        self._asking = None if changes is None else Asking(changes, self._hearer)

    def hear(self, message: Message, target: ResourceId, now: datetime, made: datetime | None) -> bool:
        """Note who wrote a target, before anybody decides whether to look; whether a look must see it."""
        with suppress(UnreadableError):  # its look says so
            return self._hearer.hear(message, target, now, min(made or now, now))
        return False

    def records(self, target: ResourceId) -> Records:
        """What the ledger has of a target, in one read."""
        try:
            return self._book.of_target(target)
        except UnreadableError as error:
            return error

    def is_still(self, records: Records, target: ResourceId) -> bool:
        """Whether nobody has spoken since a look: asked before a write."""
        if isinstance(records, UnreadableError):
            return True
        now = self.records(target)
        return not isinstance(now, UnreadableError) and _spoken(now) == _spoken(records)

    def account(
        self,
        records: Records,
        target: ResourceId,
        snapshot: Snapshot | None,
        cloud: Reads,
        message: Message,
        began: datetime,
    ) -> Account:
        """What a look comes to by what was declared. Raises TransientError."""
        if isinstance(records, UnreadableError):
            return _unreadable(records)
        if not records:
            return Account()
        try:
            words = self._attending.words(records, target, snapshot, began)
        except UnreadableError as error:
            return _unreadable(error)
        found = drift(words, snapshot, cloud, self._baseline, began)
        account = _account(words, self._waited(found, message, began))
        return replace(account, records=records, trust=self._trust(records, began))

    def _trust(self, records: Sequence[DeclarationRecord], now: datetime) -> Trust:
        """Asks about each word once."""
        confirmed = {one.id.lower() for one in records if one.confirmed}
        known: dict[str, Against | None] = {}

        def trusted(declaration: Declaration) -> Against | None:
            if declaration.id.key not in known:
                known[declaration.id.key] = self._trusted(declaration, confirmed, now)
            return known[declaration.id.key]

        return trusted

    def _trusted(self, declaration: Declaration, confirmed: Collection[str], now: datetime) -> Against | None:
        """Whether a word may hold a repair back: of a deployment, not by an event's word alone.

        Anybody may forge an event; the activity log is ARM's own. It comes late: until then an event is
        believed.
        """
        source = declaration.source
        if source.sort != "deployment" or source.at is None or self._asking is None:
            return Against(declaration)
        place = target_of(declaration.id) if declaration.id.type == SUBNET else declaration.id
        if declaration.id.key in confirmed or place.key in confirmed:
            return Against(declaration)
        try:
            if self._asking.confirms(declaration):
                self._book.amend(
                    place, lambda known: known and msgspec.structs.replace(known, confirmed=True)
                )
                return Against(declaration)
        except BastionGuardError as error:
            log.warning("declared.unconfirmed", extra={"target": place.text, "reason": str(error)})
            return Against(declaration)
        late = source.at + LOG_DELAY
        if now < late:
            return Against(declaration, late)
        log.warning(
            "declared.unconfirmed", extra={"target": place.text, "reason": "the log knows of no deployer"}
        )
        return None

    def asking(self, records: Records) -> tuple[Rule, ...]:
        """What a look reads beside what rules need: the settings of a host of which one was declared."""
        if isinstance(records, UnreadableError):
            return ()
        is_log = any(one.speaks and ResourceId.parse(one.id).type == DIAGNOSTIC_SETTING for one in records)
        return (_SETTINGS,) if is_log else ()

    def to_sweep(self) -> ToSweep:
        """What a sweep compares since it was declared."""
        return self._book.to_sweep()

    def seen(self, records: Records, target: ResourceId, snapshot: Snapshot | None, began: datetime) -> str:
        """A name for what differs, as a look would remember it; nothing is kept."""
        if isinstance(records, UnreadableError) or not records:
            return ""
        return seen_in(self._comparing.words(records, target, snapshot, began))

    def noted(
        self,
        records: Records,
        target: ResourceId,
        snapshot: Snapshot | None,
        began: datetime,
        read: datetime,
    ) -> Noted:
        """The same, and what a deployment left is kept as a look would; all was read between two moments."""
        if isinstance(records, UnreadableError):
            return Noted()
        words = self._attending.words(records, target, snapshot, began, read)
        unseen = (one.ends is not None and (one.declaration is None or one.differences) for one in words)
        return Noted(seen_in(words), any(unseen))

    def why_not(self, finding: Finding, account: Reckoning, now: datetime) -> str:
        """Why something is not put back by itself after all, by the activity log; "" where it is."""
        if finding.rule != DECLARED_DRIFT.id or self._asking is None:
            return ""
        return self._asking.why_not(finding.resource, account.spoken(finding), now)

    def _waited(
        self, found: Drift, message: Message, now: datetime
    ) -> tuple[Drift, dict[tuple[str, str], Reason]]:
        findings, waits = [], dict[tuple[str, str], Reason]()
        for finding in found.findings:
            told, why = self._waiting.waits(finding, message, now)
            if hint := self._waiting.hint(message):
                told = replace(told, evidence={**told.evidence, "toDeclare": hint})
            findings.append(told)
            if why is not None:
                waits[told.key] = why
        return Drift(tuple(findings), found.unknowns), waits


def _unreadable(error: UnreadableError) -> Account:
    return Account(unreadable=f"what was declared cannot be read: {error.why}", records=error)


def _account(words: Sequence[Word], waited: tuple[Drift, dict[tuple[str, str], Reason]]) -> Account:
    found, waits = waited
    ends = [word.ends for word in words if word.ends is not None and word.differences]
    return Account(words, found, waits, wake=max(ends, default=None), seen=seen_in(words))


def _spoken(records: Sequence[DeclarationRecord]) -> dict[str, datetime]:
    """When the last word about each resource was spoken, whether a look has seen it or not."""
    found: dict[str, datetime] = {}
    for record in records:
        declaration, under_way = declared_in(record), record.under_way
        moments = [None if declaration is None else declaration.source.at]
        moments.append(None if under_way is None else under_way.written)
        told = [moment for moment in moments if moment is not None]
        if told:
            found[record.id] = max(told)
    return found


def seen_in(words: Iterable[Word]) -> str:
    """A name for what differs from words that are in force; "" where nothing does."""
    told = [
        (word.id.key, one.path, one.declared, one.live)
        for word in words
        if word.in_force
        for one in word.differences
    ]
    if not told:
        return ""
    return hashlib.sha256(msgspec.json.encode(told, order="deterministic")).hexdigest()[:32]
