"""What must hold of every single write, judged at the moment of its effect.

It is a step of a plan that is proven for the document it is written on. It takes away nothing but forbidden
traffic and adds none. It overwrites nobody. Where ARM does not compare versions, or has shown the past, a
change of somebody else's can slip in between our read and our write; such cases are counted, not excused
silently.
"""

from dataclasses import dataclass

import msgspec

from remediation.baseline import Baseline
from remediation.judging.evaluation import judge
from remediation.judging.gathering import gather
from remediation.kinds import DIAGNOSTIC_SETTING, SECURITY_RULE
from remediation.model import Resource, Write
from remediation.nsg import NSG_ALONE, Nsg, difference, parse
from remediation.nsg.repairing.forbidden import forbidden
from remediation.nsg.repairing.proof import takes_only
from remediation.reconciling.writing import same
from remediation.resource_id import ResourceId
from remediation.rules import rules_for
from tests.simulation.azure import Azure, Change
from tests.simulation.ruling import Ruling
from tests.simulation.scheduler import Task
from tests.simulation.witness import Read, Witness

NOBODY_SAW = Read(0, None, stale=True)


def target_of(write: Write) -> ResourceId:
    """The resource whose judgement planned a write."""
    if write.id.type == SECURITY_RULE:
        assert write.id.parent is not None
        return write.id.parent
    return write.id.extended or write.id


@dataclass
class Laws:
    azure: Azure
    witness: Witness
    baseline: Baseline
    ruling: Ruling

    def before(self, task: Task, write: Write) -> bool:
        """Whether a write is a step of what is proven for things as they are now."""
        target = target_of(write)
        subject = self.azure.look(target)
        if subject is None:
            return False
        rules = rules_for(target.type)
        judgement = judge(gather(self.azure.cloud, subject, rules, self.baseline), rules, self.baseline)
        steps = [step for finding in judgement.findings if finding.fix for step in finding.fix.writes]
        return _text(write) in {_text(step) for step in steps}

    def after(self, task: Task, change: Change, proven: bool) -> None:
        write = change.write
        breach = self.ruling.breach(self.witness.judged_by.get(task, ""))
        if breach and task not in self.witness.held_up:
            self.witness.broken.append(f"{change.by}: {write.method} {write.id.text} was {breach}")
        looked = self.witness.reads.get((task, target_of(write)), NOBODY_SAW)
        self.witness.looks[change.number] = looked.number
        unguarded = not self.azure.honours_if_match or _without_version(change)
        raced = looked.stale or self.azure.since(looked.number, target_of(write), others_than=change)
        if not proven:
            self._excuse(raced and unguarded, change, "written without a proof for what was there")
        if write.id.type == SECURITY_RULE and not _takes_only_the_forbidden(change, self.baseline):
            self._excuse(raced and unguarded, change, "takes or adds other traffic than the forbidden")
        again = self.witness.reads.get((task, write.id))
        if write.id.type == SECURITY_RULE and not _is_as_judged(write.id, looked, again):
            self.witness.broken.append(
                f"{change.by}: {write.id.text} was written although it was seen to change"
            )
        confirmed = self.witness.reads.get((task, write.id), looked)
        if self.azure.since(confirmed.number, write.id, people=True, others_than=change):
            seen_by_none = (task, write.id) not in self.witness.reads
            self._excuse(unguarded and not seen_by_none, change, "overwrites somebody's edit")

    def _excuse(self, excused: bool, change: Change, what: str) -> None:
        write = change.write
        if excused:
            self.witness.counts[f"in the gap between read and write: {what}"] += 1
        else:
            self.witness.broken.append(f"{change.by}: {write.method} {write.id.text} {what}")


def _is_as_judged(rule: ResourceId, looked: Read, again: Read | None) -> bool:
    """Whether a rule was the same when it was read again before the write as in the group that was judged."""
    if again is None or looked.seen is None:
        return True
    rules = looked.seen.body["properties"].get("securityRules", ())
    judged = next((one for one in rules if one["id"].lower() == rule.key), None)
    return same(judged, None if again.seen is None else again.seen.body)


def _without_version(change: Change) -> bool:
    """Whether ARM has no version to compare: of a diagnostic setting, or of what is not there yet."""
    return change.write.id.type == DIAGNOSTIC_SETTING or change.before is None


def _text(write: Write) -> bytes:
    return msgspec.json.encode([write.method, write.id.key, write.body], order="deterministic")


def _takes_only_the_forbidden(change: Change, baseline: Baseline) -> bool:
    before, after = _nsg(change.root_before), _nsg(change.root_after)
    found = difference(before, after, NSG_ALONE, portless=False)
    return takes_only(found, forbidden(before, baseline.management_ports, NSG_ALONE), tolerant=True)


def _nsg(resource: Resource | None) -> Nsg:
    return parse({} if resource is None else dict(resource.body))
