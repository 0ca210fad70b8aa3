"""Rule bastion-vwan-default-route."""

from collections.abc import Iterator

from remediation.baseline import Baseline
from remediation.kinds import BASTION
from remediation.landing_zone import commands
from remediation.landing_zone.bastion.host import in_its_network, is_developer, network_id
from remediation.landing_zone.joining.virtual_wan import ROUTING, Attachment, attachments, secures_internet
from remediation.model import Resource, Severity, Snapshot, Violation
from remediation.rule import Doubts, Verdict, rule


@rule(
    "bastion-vwan-default-route",
    title="Secured hub takes over Bastion's default route",
    applies_to=(BASTION,),
    severity=Severity.HIGH,
    because={
        Severity.HIGH: "Nobody can connect over this Bastion while it lasts.",
    },
    guidance=("C10",),
    needs=(*in_its_network(), *ROUTING),
)
def vwan_default_route(subject: Resource, snapshot: Snapshot, _baseline: Baseline) -> Iterator[Verdict]:
    """A secured Virtual WAN hub gives its default route to the network of a Bastion host.

    What it finds: the connection of the host's network has enableInternetSecurity on (taken to mean that it
    learns the hub's default route; unconfirmed), and the hub has one for it: by a routing intent for
    Internet, or, where a firewall or security partner stands in the hub, by the route table that the
    connection is associated with (0.0.0.0/0, or both halves). The firewall alone makes no default route, nor
    does a routing intent for private traffic. Developer hosts stand outside their network and are left out.
    Why: Bastion's answers to browsers then leave through the firewall, which drops them: nobody can connect.
    Fix: none is applied; the command that keeps the default route off that connection is printed.
    Fix safety: ALERT. The routes of every machine in that network change with it.
    Unknown: when hubs, their connections, the route table of one or a routing intent cannot be read, when the
    connection does not say, or when only Virtual WAN's own peering shows that there is one.
    References: C10; Azure Bastion and Virtual WAN; virtual hub routing; Virtual WAN routing intent.
    """
    if is_developer(subject):
        return
    doubts = Doubts()
    taken: list[Attachment] = []
    for each in attachments(network_id(subject), snapshot):
        open_questions = Doubts()
        secured = open_questions.ask(secures_internet, each, snapshot)
        learns = open_questions.ask(each.takes_default_route)
        if secured is False or learns is False:
            continue  # certainly not, whatever is open beside it
        doubts.extend(open_questions)
        if not open_questions:
            taken.append(each)
    if taken:
        yield _violation(subject, taken)
    else:
        yield from doubts


def _violation(bastion: Resource, taken: list[Attachment]) -> Violation:
    evidence = {
        "hubConnections": [each.connection.id.text for each in taken],
        "enableInternetSecurity": True,
        "unconfirmed": "enableInternetSecurity is taken to mean that the connection learns the default route",
        "blastRadius": "the routes of everything in the host's network",
    }
    off = [
        commands.set_property(each.connection.id, "properties.enableInternetSecurity", "false")
        for each in taken
    ]
    message = f"{bastion.id.name} gets the default route of secured hub {taken[0].hub_id.name}"
    return Violation(message, evidence, commands=tuple(off))
