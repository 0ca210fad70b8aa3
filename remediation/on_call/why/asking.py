"""Asks ARM and the ledger why a port was, or was not, closed; writes nothing and announces nothing."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from remediation.baseline import Baseline
from remediation.errors import BastionGuardError, UnreadableError
from remediation.findings import FindingRecord
from remediation.intake.routing import route_id
from remediation.kinds import BY_WORD_ALONE, NSG
from remediation.ledger.claims import Claims, TargetRecord
from remediation.ledger.findings_book import FindingsBook
from remediation.ledger.journal import WriteRecord
from remediation.ledger.pressure import Pressure
from remediation.ledger.reverse_index import ReverseIndex
from remediation.messages import Message
from remediation.on_call.history import Historian, Line, Query
from remediation.on_call.preview import Preview, Prospect
from remediation.on_call.replay import NOBODY
from remediation.on_call.why import others, reasons
from remediation.on_call.why.answer import Answer, Finding, Port, Reason
from remediation.on_call.why.port import port_of
from remediation.on_call.why.summing_up import last_done, refused, summary
from remediation.policy import Policy
from remediation.ports import Ports
from remediation.reconciling.fence import fenced
from remediation.resource_id import ResourceId

MOST_TARGETS = 20
LAST_LOOKS, LAST_WRITES = 5, 5
LOOKS = frozenset({"judged", "waiting", "skipped"})
BACK = timedelta(days=3)
"""How far back looks and writes are told."""
REACH = 500
"""Lines of the history of one resource among which those are."""
AHEAD = timedelta(minutes=5)


@dataclass(slots=True)
class Asker:
    """Answers for one resource, and for the groups of rules that a machine or an interface stands behind."""

    ports: Ports
    baseline: Baseline
    policy: Policy

    def why(self, resource: ResourceId, port: int | None) -> list[Answer]:
        """One answer for each target that a change of the resource would lead to, at most `MOST_TARGETS`.

        Raises ThrottledError when ARM asks everybody to wait.
        """
        now = self.ports.clock.now()
        if not self.policy.covers(resource):
            return [self._unwatched(resource, now)]
        prospects = self._prospects(resource, port)
        if not prospects:
            return [self._unjudged(resource, now)]
        return [self._answer(prospect, port, now) for prospect in prospects]

    # Looking -----------------------------------------------------------------------------------

    def _prospects(self, resource: ResourceId, port: int | None) -> list[Prospect]:
        """What a look would come to for each target; for a port the groups that read the resource as well."""
        work = [Message(**each, reason="why", force=True) for each in route_id(resource).work()]  # type: ignore[arg-type]
        if port is not None and resource.type != NSG:
            readers = ReverseIndex(self.ports.ledger).of(resource, self.policy.fan_out)
            groups = [reader for reader in readers if reader.type == NSG]
            work = [Message(target=group.text, reason="why", force=True) for group in groups] + work
        preview = Preview(self.ports, self.baseline, self.policy)
        return preview.prospects(work, NOBODY, most=MOST_TARGETS)[0]

    def _answer(self, prospect: Prospect, port: int | None, now: datetime) -> Answer:
        target = ResourceId.parse(prospect.target)
        unread: list[UnreadableError] = []
        claims = Claims(self.ports.ledger, self.policy.owner, self.policy.lease)
        record = self._read(partial(claims.look_up, target), unread)
        known = self._read(partial(FindingsBook(self.ports.ledger).of, target), unread) or {}
        ports = list(self._ports(target, port))
        told = [one for one in prospect.findings if port is None or _is_about(one, port)]
        chosen = replace(prospect, findings=tuple(told))
        lines = self._lines(target, now)
        looks = [line for line in lines if line.kind in LOOKS][:LAST_LOOKS]
        writes = [line for line in lines if line.kind == "written"][:LAST_WRITES]
        found = [*reasons.of_prospect(chosen, known), *self._remembered(target, record, lines, unread, now)]
        found += [*reasons.of_unreadable(unread), *self._of_others(target, writes, now)]
        outcome = "refused" if chosen.outcome == "repair" and refused(found) else chosen.outcome
        outcome = "trouble" if unread else outcome
        return Answer(
            target.text,
            now,
            outcome,
            summary(chosen, found, ports, writes),
            [_finding(one, known) for one in told],
            found,
            ports,
            looks,
            writes,
            Historian(self.ports.ledger, self.policy.retention).extent().note(now - BACK),
        )

    def _ports(self, target: ResourceId, port: int | None) -> Iterator[Port]:
        if port is None or target.type != NSG:
            return
        try:
            document = fenced(self.ports, self.policy).cloud.get(target)
        except BastionGuardError:
            return
        if document is not None:
            yield port_of(document.body, port, self.baseline)

    # Remembering -------------------------------------------------------------------------------

    def _remembered(
        self,
        target: ResourceId,
        record: TargetRecord | None,
        lines: Sequence[Line],
        unread: Sequence[UnreadableError],
        now: datetime,
    ) -> Iterator[Reason]:
        if not unread:
            yield from reasons.of_target(record, target.text, now)
        region = "" if record is None else record.region
        yield from reasons.of_pressure(
            Pressure(self.ports.ledger).wait(target.subscription, region, "arm", now), now
        )
        waiting = next((line for line in lines if line.kind == "waiting"), None)
        yield from reasons.of_waiting(waiting, now)

    def _of_others(self, target: ResourceId, writes: Sequence[Line], now: datetime) -> Iterator[Reason]:
        """Another app on the subscription, and a change after our last write."""
        yield from others.of_apps(self.ports.ledger, target)
        last = last_done(writes)
        write = last.source if last is not None and isinstance(last.source, WriteRecord) else None
        cloud = fenced(self.ports, self.policy).cloud
        yield from others.of_change(write, target, cloud, self.ports.ledger, now)

    def _read[T](self, read: Callable[[], T], unread: list[UnreadableError]) -> T | None:
        try:
            return read()
        except UnreadableError as error:
            unread.append(error)
            return None

    def _lines(self, target: ResourceId, now: datetime) -> list[Line]:
        historian = Historian(self.ports.ledger, self.policy.retention)
        return historian.lines(Query(now - BACK, now + AHEAD, resource=target.text, limit=REACH))

    # Nothing to look at ------------------------------------------------------------------------

    def _unwatched(self, resource: ResourceId, now: datetime) -> Answer:
        text = f"subscription {resource.subscription} is not one of SUBSCRIPTIONS: nothing there is looked at"
        return Answer(resource.text, now, "not-watched", text, reasons=[Reason("not-watched", text)])

    def _unjudged(self, resource: ResourceId, now: datetime) -> Answer:
        text = f"no rule is about a {resource.type}, and it leads to nothing that one is about"
        if resource.type in BY_WORD_ALONE:
            text = f"{text}; nothing of it is declared"
        return Answer(resource.text, now, "not-judged", text, reasons=[Reason("not-judged", text)])


def _is_about(record: FindingRecord, port: int) -> bool:
    """Whether a finding names the port, or names none."""
    ports = record.evidence.get("ports")
    if not isinstance(ports, list | tuple) or not ports:
        return True
    return any(str(each).rpartition("/")[2] == str(port) for each in ports)


def _finding(record: FindingRecord, known: dict[str, FindingRecord]) -> Finding:
    since = reasons.opened_at(record, known)
    return Finding(record.rule, record.severity, record.message, record.disposition, since)
