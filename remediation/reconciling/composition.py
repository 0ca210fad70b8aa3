"""Puts a reconciler together; the app, the tools on call and the tests all have theirs from here."""

from dataclasses import dataclass

from remediation.baseline import Baseline
from remediation.ledger.claims import Claims
from remediation.ledger.counters import Counters
from remediation.ledger.diary import Diary
from remediation.ledger.exemptions import Exemptions
from remediation.ledger.findings_book import FindingsBook
from remediation.ledger.inbox import Inbox
from remediation.ledger.journal import Journal
from remediation.ledger.pressure import Pressure
from remediation.ledger.reverse_index import ReverseIndex
from remediation.measures import SILENT, Measures
from remediation.policy import Policy
from remediation.ports import Ports
from remediation.reconciling.concluding import Concluder
from remediation.reconciling.converging import Converger
from remediation.reconciling.exempt_tags import ExemptTags
from remediation.reconciling.fence import fenced
from remediation.reconciling.fixing import Fixer
from remediation.reconciling.handing_on import Later
from remediation.reconciling.look import Looker
from remediation.reconciling.reconciler import Reconciler
from remediation.reconciling.releasing import Releaser
from remediation.reconciling.spread import Spreader
from remediation.reconciling.sweeping import Sweeper
from remediation.reconciling.target import TargetReconciler
from remediation.reconciling.writing import WriteProcedure
from remediation.rules import rules_hash
from remediation.telling.announcing import Herald
from remediation.telling.channels.owners import Ownership, TagReader


@dataclass(frozen=True, slots=True)
class Components:
    """The collaborators that keep a guard each, by class: as shipped, unless others are handed in."""

    claims: type[Claims] = Claims
    counters: type[Counters] = Counters
    reverse_index: type[ReverseIndex] = ReverseIndex
    herald: type[Herald] = Herald
    looker: type[Looker] = Looker
    procedure: type[WriteProcedure] = WriteProcedure
    fixer: type[Fixer] = Fixer
    later: type[Later] = Later
    releaser: type[Releaser] = Releaser


SHIPPED = Components()


def compose(
    ports: Ports,
    baseline: Baseline,
    policy: Policy,
    measures: Measures = SILENT,
    components: Components = SHIPPED,
) -> Reconciler:
    """A reconciler for one baseline that never leaves the subscriptions of its policy."""
    ports = fenced(ports, policy)
    cloud, ledger, queue, clock = ports.cloud, ports.ledger, ports.queue, ports.clock
    judge = baseline.hash, rules_hash()
    claims = components.claims(ledger, policy.owner, policy.lease)
    counters, reverse_index = components.counters(ledger), components.reverse_index(ledger)
    herald = components.herald(ledger, ports.announcer, clock, baseline.routing)
    ownership = Ownership(TagReader(cloud, clock), baseline.routing)
    later = components.later(queue, clock, policy, claims, Pressure(ledger), herald, measures)
    spreader = Spreader(ports, policy, reverse_index, Sweeper(ports, policy, judge), later, herald)
    tags = ExemptTags(claims, FindingsBook(ledger))
    looker = components.looker(cloud, clock, counters, Exemptions(ledger), tags, baseline, ports.together)
    procedure = components.procedure(cloud, clock)
    fixer = components.fixer(procedure, clock, claims, Journal(ledger), counters, baseline, policy)
    converger = Converger(claims, looker, fixer, clock, policy, measures)
    concluder = Concluder(claims, herald, spreader, queue, clock, judge, measures, ownership)
    releaser = components.releaser(claims, queue, policy, measures)
    target = TargetReconciler(
        claims,
        FindingsBook(ledger),
        converger,
        concluder,
        releaser,
        later,
        spreader,
        clock,
        policy,
        judge,
        looker,
        Diary(ledger),
        ports.keeping,
    )
    return Reconciler(Inbox(ledger), Diary(ledger), target, spreader, later, clock, policy, measures)
