"""Rule bastion-rbac-reader."""

from collections.abc import Iterator, Sequence
from typing import Any

from remediation.baseline import Baseline
from remediation.kinds import BASTION, NIC, ROLE_ASSIGNMENT
from remediation.landing_zone import commands
from remediation.landing_zone.access import Access, access_of
from remediation.landing_zone.bastion.host import in_its_network, network_of
from remediation.landing_zone.bastion.network_machines import NICS, machines_in
from remediation.model import Resource, Severity, Snapshot, Violation
from remediation.resource_id import ResourceId
from remediation.rule import Doubt, Listed, Verdict, ids_at, rule

MOST_SHOWN = 20


def _groups_are_named(_bastion: Resource, _snapshot: Snapshot, baseline: Baseline) -> bool:
    return bool(baseline.bastion.access_groups)


@rule(
    "bastion-rbac-reader",
    title="Access group cannot read what Bastion needs",
    applies_to=(BASTION,),
    severity=Severity.LOW,
    because={
        Severity.LOW: "People miss a right; nobody else is let in or locked out.",
    },
    guidance=("R4", "R6", "R10"),
    closer=(*in_its_network(), Listed(ROLE_ASSIGNMENT, "subscription"), NICS),
    suspects=_groups_are_named,
)
def rbac_reader(subject: Resource, snapshot: Snapshot, baseline: Baseline) -> Iterator[Verdict]:
    """A group that is to use Bastion may not read the host, its network or the machines in it.

    What it finds: for a group of the baseline's accessGroups, no role assignment that certainly includes
    read on the host, on its network, or on a machine or NIC in that network; those inherited from above
    count. Without accessGroups the rule says nothing, because who needs access is not in ARM.
    Why: without Reader on all of them the portal offers no Bastion sign-in, and people ask for more rights
    than they need, or for a public address.
    Fix: none is applied, roles are never assigned by this product; the commands are printed for a person.
    Fix safety: ALERT. The group may read what it is given.
    Unknown: when role assignments, the host's network or its NICs cannot be read, or when only a role we do
    not know (a custom one) could include read. Nested groups are not in ARM and not followed.
    References: R4, R6, R10; Azure Bastion, required roles.
    """
    groups = baseline.bastion.access_groups
    if not groups:
        return
    assignments = snapshot.need_list(ROLE_ASSIGNMENT, f"/subscriptions/{subject.id.subscription}")
    network = network_of(subject, snapshot)
    machines = machines_in(network, snapshot)
    wanted = [subject.id, network.id, *_with_machines(machines.nics, snapshot, network.id)]
    found = {group: access_of(group, wanted, assignments) for group in groups}
    missing = {group: access.missing for group, access in found.items() if access.missing}
    if missing:
        yield _violation(subject, missing)
    else:
        yield from (Doubt(reason) for reason in _reasons(found, machines.doubt))


def _reasons(found: dict[str, Access], doubt: str | None) -> Iterator[str]:
    for group, access in found.items():
        if access.unclear:
            yield f"group {group} has roles on {access.unclear[0].text} that we do not know"
    if doubt:
        yield doubt


def _with_machines(
    nics: Sequence[ResourceId], snapshot: Snapshot, network: ResourceId
) -> Iterator[ResourceId]:
    """Each NIC and the machine it belongs to."""
    listed = snapshot.listed_if_read(NIC, f"/subscriptions/{network.subscription}")
    documents = {nic.id.key: nic for nic in listed}
    for nic in nics:
        yield nic
        document = documents.get(nic.key)
        if document is not None:
            yield from ids_at(document.body, "properties.virtualMachine.id")


def _violation(bastion: Resource, missing: dict[str, tuple[ResourceId, ...]]) -> Violation:
    evidence: dict[str, Any] = {
        "missing": {group: [each.text for each in ids[:MOST_SHOWN]] for group, ids in missing.items()},
        "counts": {group: len(ids) for group, ids in missing.items()},
        "blastRadius": "the groups named here may read what they are given",
    }
    by_hand = [_grant(group, each) for group, ids in missing.items() for each in ids[:MOST_SHOWN]]
    groups = ", ".join(missing)
    message = f"group {groups} may not read everything it needs to connect through {bastion.id.name}"
    return Violation(message, evidence, commands=tuple(by_hand))


def _grant(group: str, resource: ResourceId) -> str:
    return commands.words(
        "az role assignment create",
        "--role", "Reader",
        "--assignee-object-id", group,
        "--assignee-principal-type", "Group",
        "--scope", resource.text,
    )  # fmt: skip
