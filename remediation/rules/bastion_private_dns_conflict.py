"""Rule bastion-private-dns-conflict."""

from collections.abc import Iterator

from remediation.baseline import Baseline
from remediation.kinds import BASTION, PRIVATE_DNS_LINK, PRIVATE_DNS_ZONE
from remediation.landing_zone import commands
from remediation.landing_zone.bastion.host import is_developer, network_id
from remediation.landing_zone.facts import ZONES_BASTION_NEEDS, ZONES_WORTH_A_NOTE
from remediation.model import Resource, Severity, Snapshot, UndecidedError, Violation
from remediation.resource_id import ResourceId
from remediation.rule import Doubts, Listed, Verdict, ids_at, rule

ZONES = Listed(PRIVATE_DNS_ZONE, "subscription")
LINKS = Listed(PRIVATE_DNS_ZONE, "subscription", then=(Listed(PRIVATE_DNS_LINK),))


def _zones(bastion: Resource, snapshot: Snapshot) -> list[Resource]:
    """The zones that matter to Bastion, by name."""
    zones = snapshot.need_list(PRIVATE_DNS_ZONE, f"/subscriptions/{bastion.id.subscription}")
    names = ZONES_BASTION_NEEDS | ZONES_WORTH_A_NOTE
    return [zone for zone in zones if zone.id.name.lower() in names]


def _one_is_there(bastion: Resource, snapshot: Snapshot, _baseline: Baseline) -> bool:
    return any(zone.id.name.lower() in ZONES_BASTION_NEEDS for zone in _zones(bastion, snapshot))


@rule(
    "bastion-private-dns-conflict",
    title="Private DNS hides names Bastion needs",
    applies_to=(BASTION,),
    severity=Severity.HIGH,
    because={
        Severity.HIGH: "Bastion itself can stop working, for everybody who uses it.",
    },
    guidance=("C6",),
    needs=(ZONES,),
    closer=(LINKS,),
    suspects=_one_is_there,
)
def private_dns_conflict(subject: Resource, snapshot: Snapshot, _baseline: Baseline) -> Iterator[Verdict]:
    """The network of a Bastion host is linked to a private DNS zone that hides names Bastion resolves.

    What it finds: a link from the host's network to a private zone named exactly management.azure.com,
    azure.com, core.windows.net, blob.core.windows.net, vault.azure.net or vaultcore.windows.net, among the
    zones of the host's subscription; in a scan of files, among all that are there. A link to
    privatelink.azure.com is only noted. Developer hosts stand outside their network and are left out.
    Why: a private zone answers for everything below its name; what it does not hold, no longer exists for
    Bastion, which then cannot reach its control plane, storage or vaults.
    Fix: none is applied; the command that removes the link is printed for a person to run.
    Fix safety: ALERT. Every machine of that network resolves those names differently afterwards.
    Unknown: when zones or the links of such a zone cannot be read, or the host names no network.
    References: C6; Azure Bastion FAQ, private DNS zones.
    """
    if is_developer(subject):
        return
    links: list[ResourceId] = []
    doubts, unimportant = Doubts(), Doubts()  # of a zone that is only noted nobody needs to know
    for zone in _zones(subject, snapshot):
        with (doubts if zone.id.name.lower() in ZONES_BASTION_NEEDS else unimportant).noted():
            links += _links(zone, subject, snapshot)
    conflicts = [link for link in links if _zone_of(link) in ZONES_BASTION_NEEDS]
    if conflicts:
        yield _violation(subject, conflicts, [link for link in links if link not in conflicts])
    else:
        yield from doubts


def _links(zone: Resource, bastion: Resource, snapshot: Snapshot) -> list[ResourceId]:
    """The zone's links to the host's network."""
    found, network = snapshot.need_list(PRIVATE_DNS_LINK, zone.id), network_id(bastion)
    if found and network is None:
        raise UndecidedError(f"{bastion.id.name} does not say in which network it stands")
    return [link.id for link in found if network in set(ids_at(link.body, "properties.virtualNetwork.id"))]


def _zone_of(link: ResourceId) -> str:
    return "" if link.parent is None else link.parent.name.lower()


def _violation(bastion: Resource, conflicts: list[ResourceId], others: list[ResourceId]) -> Violation:
    names = sorted({_zone_of(link) for link in conflicts})
    evidence = {
        "zones": names,
        "links": [link.text for link in conflicts],
        "alsoLinked": [link.text for link in others],
        "blastRadius": "name resolution of everything in the host's network",
    }
    message = f"the network of {bastion.id.name} is linked to private DNS zone {', '.join(names)}"
    return Violation(message, evidence, commands=tuple(commands.delete(link) for link in conflicts))
