"""What must hold of the whole once nobody has anything left to do."""

import base64
import collections
from collections.abc import Iterator

from remediation.baseline import Baseline
from remediation.declared.comparison import compare
from remediation.declared.declaration import Declaration
from remediation.declared.rule import DECLARED_DRIFT
from remediation.findings import GAVE_UP, FindingRecord, State, name_of
from remediation.judging.evaluation import judge
from remediation.judging.gathering import gather
from remediation.judging.planning import plan
from remediation.judging.standing import Standing
from remediation.ledger.cards import SENT
from remediation.ledger.claims import all_records
from remediation.ledger.counters import BUDGET
from remediation.ledger.declaring.declarations import Declarations
from remediation.ledger.findings_book import FindingsBook
from remediation.ledger.keys import short
from remediation.model import Disposition
from remediation.resource_id import ResourceId
from remediation.rules import judged_types, rules_for
from remediation.telling.channels.event import announcement
from tests.simulation.azure import Azure
from tests.simulation.plant import Plant

type Names = set[tuple[str, str]]
"""Findings by their target's key and their name."""

LANES = ("reconcile", "neighbourhood", "cards")
SAME_MOMENT = 2.0
"""Seconds by which the times that two events tell may be the wrong way round."""
QUEUES = (*LANES, *(f"{lane}-poison" for lane in LANES))


def broken(plant: Plant, baseline: Baseline, *, swept: bool, doubtful: bool) -> list[str]:
    """Every law that does not hold, in words. Some things may wait for the sweep."""
    found = [*plant.witness.broken, *_queues(plant), *_repeats(plant), *_budget(plant, baseline)]
    found += _marks(plant)
    if swept or not doubtful:
        found += _declared(plant) if baseline.declared.deployers else _convergence(plant, baseline)
    if swept:
        found += [*_told(plant), *_last_words(plant), *_loose_ends(plant)]
    return found


def _queues(plant: Plant) -> Iterator[str]:
    for queue in QUEUES:
        for text in plant.queue.texts(queue):
            yield f"left on {queue}: {base64.b64decode(text).decode()}"


def _convergence(plant: Plant, baseline: Baseline) -> Iterator[str]:
    """Each resource is compliant or has one finding per violation, open or exempt on somebody's word.

    Nothing repairable is left.
    """
    records = dict(_records(plant))
    still_open = {key: record for key, record in records.items() if record.state is State.OPEN}
    gave_up = {target for (target, _), record in still_open.items() if record.rule == GAVE_UP}
    held = {key for key, record in still_open.items() if record.rule != GAVE_UP}
    exempt = {key: record for key, record in records.items() if record.state is State.EXEMPT}
    over = {key for key, record in exempt.items() if not _holds(record, plant.azure)}
    violated, repairable = _violations(plant.azure, baseline)
    for what, names in (
        ("violated, and nobody was told", violated - held - exempt.keys()),
        ("open finding of what is compliant", held - violated),
        ("exempt finding of what is compliant", exempt.keys() - violated),
        ("exempt although its exemption is over", over),
        ("could be repaired, and nothing holds it back", repairable - held - exempt.keys()),
    ):
        for target, name in sorted(names):
            if target not in gave_up:
                yield f"{what}: {name}"


def _holds(record: FindingRecord, azure: Azure) -> bool:
    """Whether an exemption is still in force."""
    return record.exempt_until is not None and record.exempt_until > azure.now()


def _declared(plant: Plant) -> Iterator[str]:
    """What differs from a word that stands is told, and nothing else is."""
    records = dict(_records(plant))
    told = {key for (_, name), record in records.items() if record.state is State.OPEN
            for key in [name.partition(" ")[2]] if record.rule == DECLARED_DRIFT.id}  # fmt: skip
    gave_up = {target for (target, _), record in records.items()
               if record.rule == GAVE_UP and record.state is State.OPEN}  # fmt: skip
    for declaration in Declarations(plant.ledger).all():
        key = declaration.id.key
        if key not in gave_up and bool(compare(declaration, plant.azure.look(declaration.id))) != (
            key in told
        ):
            yield f"differs from its word and nobody was told, or the other way round: {declaration.id.name}"
        if not _is_the_pipelines(declaration, plant):
            yield f"stands as the pipeline's word, which it is not: {declaration.id.name}"


def _is_the_pipelines(declaration: Declaration, plant: Plant) -> bool:
    """Whether a word is what the pipeline left; of one that is doubtful the next look decides.

    Of two writes in the same moment events do not tell which was the later.
    """
    records = Declarations(plant.ledger).of_target(declaration.id)
    last = plant.azure.deployed.get(declaration.id.key)
    if last is None or any(record.is_doubtful for record in records):
        return last is not None
    after = plant.azure.changes[last.number :]
    at_once = (one for one in after if one.root == last.root and one.seconds - last.seconds < SAME_MOMENT)
    return any(at_once) or not compare(declaration, last.root_after)


def _violations(azure: Azure, baseline: Baseline) -> tuple[Names, Names]:
    """What is wrong with the estate now, by a judgement of our own, and what a plan would repair."""
    violated: Names = set()
    repairable: Names = set()
    for resource in azure.cloud.resources.values():
        if resource.id.type not in judged_types():
            continue
        rules = rules_for(resource.id.type)
        snapshot = gather(azure.cloud, resource, rules, baseline)
        judgement = judge(snapshot, rules, baseline)
        assert not judgement.unknowns, judgement.unknowns
        for finding in judgement.findings:
            violated.add((resource.id.key, name_of(finding.rule, finding.resource.text)))
        wanted = plan(judgement, snapshot, baseline, Standing(azure.now()))
        for finding in wanted.fixes:
            assert finding.disposition is Disposition.FIX
            repairable.add((resource.id.key, name_of(finding.rule, finding.resource.text)))
    return violated, repairable


def _repeats(plant: Plant) -> Iterator[str]:
    """A repeated announcement or card has an interruption between sending and recording to show."""
    witness = plant.witness
    ids = collections.Counter(
        one for sending in witness.sendings if not sending.excused for one in sending.ids
    )
    cards = collections.Counter(one for posting in witness.postings for one in posting.told)
    for what, counts in (("announced", ids), ("told to people", cards)):
        for one, count in counts.items():
            if count > 1:
                yield f"{what} {count} times without an interruption: {one}"
    for posting in witness.postings:
        if not posting.told and not posting.excused:
            yield "a card was posted and never recorded, without an interruption"


def _marks(plant: Plant) -> Iterator[str]:
    """Only a complete look may let later events be skipped."""
    for record in all_records(plant.ledger).values():
        if record.mark is not None and record.mark.seen == record.judged_at and record.unknown:
            yield f"a high-water mark without a complete look: {record.id}: {record.unknown}"


def _told(plant: Plant) -> Iterator[str]:
    """The last change of every finding was announced, and people have a card of it."""
    accepted = {each.id for each in plant.witness.accepted}
    for (target, name), record in _records(plant):
        if record.seq == 0:
            continue
        wanted = announcement(ResourceId.parse(target), record).id
        if record.announced != record.seq or wanted not in accepted:
            yield f"never announced: {record.change} of {name}, change {record.seq}"
        card = plant.ledger.read(SENT, short(target, name))
        if card is None or card.value["seq"] != record.seq:
            yield f"people were never told: {record.change} of {name}, change {record.seq}"


def _last_words(plant: Plant) -> Iterator[str]:
    """The last card says that a finding is over exactly when it is, and that it stays where it is exempt.

    That the findings themselves are true of ARM is for `_convergence` to see. Of what was over before anybody
    was told of it there is no card.
    """
    for (target, name), record in _records(plant):
        card = plant.ledger.read(SENT, short(target, name))
        if card is None or record.state is State.SUSPECTED:
            continue
        if plant.witness.first_sent.get(card.key) == card.value["seq"] and not card.value["over"]:
            continue
        said = "is over" if card.value["over"] else "is open"
        said = "stays as it is" if card.value["alone"] else said
        true = {State.OPEN: "is open", State.EXEMPT: "stays as it is"}.get(record.state, "is over")
        if said != true:
            yield f"the last word is not so: {name} is {record.state.value}, its card says that it {said}"


def _budget(plant: Plant, baseline: Baseline) -> Iterator[str]:
    hours = {row.key: int(row.value["writes"]) for row in plant.ledger.rows(BUDGET)}
    for hour, taken in hours.items():
        if taken > baseline.limits.max_writes_per_hour:
            yield f"{taken} writes in the hour {hour}"
    made = plant.witness.counts["writes made"]
    if made > sum(hours.values()):
        yield f"{made} writes made, {sum(hours.values())} taken out of the budget"
    if not plant.disturbed:
        yield from _halves(plant)


def _halves(plant: Plant) -> Iterator[str]:
    """The budget stops no repair half-way, where people have changed nothing since it was begun."""
    for held in plant.witness.held:
        ours: list[int] = []
        theirs = 0
        for change in reversed(plant.azure.changes[: held.number]):
            if change.root.key != held.target or not change.effective:
                continue
            if not change.by:
                theirs = change.number
                break
            ours.append(plant.witness.looks[change.number])
        if ours and min(ours) >= theirs:
            yield f"the budget stopped a repair after {len(ours)} writes: {held.target}"


def _loose_ends(plant: Plant) -> Iterator[str]:
    for mark in plant.marks():
        yield f"still waiting for a round: {mark.message.named}"
    for record in all_records(plant.ledger).values():
        if record.pending is not None:
            yield f"still waiting for a write: {record.id}"
        if record.repaired:
            yield f"a repair that was never recorded: {record.id} {sorted(record.repaired)}"


def _records(plant: Plant) -> Iterator[tuple[tuple[str, str], FindingRecord]]:
    for findings in FindingsBook(plant.ledger).all():
        for name, record in findings.records.items():
            yield (ResourceId.parse(findings.target).key, name), record
