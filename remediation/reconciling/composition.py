"""Puts a reconciler together; the app, the tools on call and the tests all have theirs from here."""

from dataclasses import dataclass

from remediation.baseline import Baseline
from remediation.intake.fetching.port import ChangeLog
from remediation.judging.consenting import Consent
from remediation.ledger.claims import Claims
from remediation.ledger.counters import Counters
from remediation.ledger.decided.exemptions import Exemptions
from remediation.ledger.diary import Diary
from remediation.ledger.findings_book import FindingsBook
from remediation.ledger.inbox import Inbox
from remediation.ledger.journal import Journal
from remediation.ledger.pressure import Pressure
from remediation.ledger.reverse_index import ReverseIndex
from remediation.measures import SILENT, Measures
from remediation.policy import Policy
from remediation.ports import Cloud, Ports
from remediation.reconciling.concluding import Concluder
from remediation.reconciling.converging import Converger
from remediation.reconciling.declaring.eye import Eye
from remediation.reconciling.exempt_tags import ExemptTags
from remediation.reconciling.fence import Fenced, fenced
from remediation.reconciling.fixing import Fixer
from remediation.reconciling.handing_on import Later
from remediation.reconciling.in_force.watch import StillInForce, Watch
from remediation.reconciling.look import Looker
from remediation.reconciling.others.ahead_of_us import AheadOfUs
from remediation.reconciling.others.heard import Heard
from remediation.reconciling.others.moving import Mover
from remediation.reconciling.reconciler import Reconciler
from remediation.reconciling.releasing import Releaser
from remediation.reconciling.rounds.collecting import Collector
from remediation.reconciling.rounds.comparing import Comparer
from remediation.reconciling.rounds.marks import Marks
from remediation.reconciling.rounds.picture import Picture
from remediation.reconciling.rounds.rounds import Rounds
from remediation.reconciling.rounds.touching import Toucher
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
    eye: type[Eye] = Eye
    procedure: type[WriteProcedure] = WriteProcedure
    fixer: type[Fixer] = Fixer
    later: type[Later] = Later
    marks: type[Marks] = Marks
    collector: type[Collector] = Collector
    picture: type[Picture] = Picture
    comparer: type[Comparer] = Comparer
    releaser: type[Releaser] = Releaser
    still_in_force: type[StillInForce] = StillInForce


SHIPPED = Components()


def compose(
    ports: Ports,
    baseline: Baseline,
    policy: Policy,
    measures: Measures = SILENT,
    components: Components = SHIPPED,
    unhurried: Cloud | None = None,
    watch: Watch | None = None,
    consent: Consent | None = None,
    changes: ChangeLog | None = None,
) -> Reconciler:
    """A reconciler for one baseline that never leaves the subscriptions of its policy.

    Rounds read through `unhurried`, a cloud that leaves half of ARM's bucket to everybody else; without one,
    through the same as the direct lane. With a `watch` it writes only while that baseline is in force; with a
    log of `changes` it asks that before it puts back what was declared; with a person's `consent` it makes
    the repair that is for, although the app would only propose it.
    """
    ports = fenced(ports, policy)
    reads = ports.cloud if unhurried is None else Fenced(unhurried, policy)
    cloud, ledger, queue, clock = ports.cloud, ports.ledger, ports.queue, ports.clock
    judge = baseline.hash, rules_hash()
    claims = components.claims(ledger, policy.owner, policy.lease)
    counters, reverse_index = components.counters(ledger), components.reverse_index(ledger)
    herald = components.herald(ledger, ports.announcer, clock, baseline.routing)
    ownership = Ownership(TagReader(cloud, clock), baseline.routing)
    later = components.later(queue, clock, policy, claims, Pressure(ledger), herald, measures)
    marks = components.marks(ledger)
    collector = components.collector(marks, queue, clock, policy)
    eye = components.eye(ledger, baseline, policy, changes)
    toucher = Toucher(reverse_index, Sweeper(ledger, clock, policy, judge, eye), clock, policy)
    rounds = Rounds(
        reads, ports, policy, marks, collector, toucher, components.comparer(baseline, judge, clock, eye),
        claims, reverse_index, measures, components.picture,
    )  # fmt: skip
    spreader = Spreader(ports, reverse_index, collector, rounds, later, herald, eye)
    tags = ExemptTags(claims, FindingsBook(ledger))
    exemptions = Exemptions(ledger)
    looker = components.looker(
        cloud, clock, counters, exemptions, tags, baseline, ports.together, consent, eye
    )
    procedure = components.procedure(cloud, clock)
    heard = Heard(ledger, judge)
    still = components.still_in_force(watch, baseline.hash)
    fixer = components.fixer(
        procedure, clock, claims, Journal(ledger), counters, baseline, policy, still,
        AheadOfUs(ledger, clock), FindingsBook(ledger), heard, consent,
    )  # fmt: skip
    converger = Converger(claims, looker, fixer, clock, policy, measures)
    concluder = Concluder(
        claims, herald, spreader, queue, clock, judge, measures, ownership, Mover(cloud), heard
    )
    releaser = components.releaser(claims, queue, policy, measures)
    target = TargetReconciler(
        claims, FindingsBook(ledger), converger, concluder, releaser, later, spreader, clock, policy, judge,
        Diary(ledger), ports.keeping, eye,
    )  # fmt: skip
    return Reconciler(Inbox(ledger), Diary(ledger), target, spreader, later, clock, policy, measures)
