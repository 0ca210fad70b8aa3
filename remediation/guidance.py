"""The landing-zone guidance as clauses: what each asks, why it matters, and which rules check it.

Source: "Plan for virtual machine remote access" of the Azure landing zone documentation. The ids are ours (C
considerations, T the tip among them, R recommendations); titles and sentences are a paraphrase. Which rules
check a clause is told by the rules themselves. A clause that no configuration can show carries the reason,
so that none is silently missing.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from remediation.rules import registry

GUIDANCE_URL = (
    "https://learn.microsoft.com/azure/cloud-adoption-framework/ready/azure-best-practices/"
    "plan-for-virtual-machine-remote-access"
)


@dataclass(frozen=True, slots=True)
class Clause:
    """One clause. `matters` is for somebody in a hurry; `advisory` tells what no rule can check, and why."""

    id: str
    title: str
    matters: str = ""
    advisory: str = ""

    @property
    def rules(self) -> tuple[str, ...]:
        """Ids of the rules that check it."""
        return tuple(rule.id for rule in registry().values() if self.id in rule.guidance)

    def to_json(self) -> dict[str, object]:
        return {"clause": self.id, "title": self.title, "rules": list(self.rules), "reason": self.advisory}


_WHO_NEEDS_ACCESS = "without accessGroups in the baseline: who needs access is not in ARM"
_CLAUSES: Sequence[Clause] = (
    Clause(
        "C0",
        "Remote access runs over Bastion, just-in-time access, a hybrid link or a public address",
        "Every way to reach a machine remotely has to be a way somebody chose.",
    ),
    Clause(
        "C1",
        "Existing ExpressRoute and VPN links may serve for remote access",
        advisory="whether a link is meant for remote access is an intent that no configuration shows",
    ),
    Clause(
        "C2",
        "Network security groups can secure SSH and RDP",
        "Network security groups are what keeps SSH and RDP closed to strangers.",
    ),
    Clause(
        "C3",
        "Just-in-time access needs no extra infrastructure",
        "Just-in-time access opens a port for one request and closes it again; a rule that only looks like "
        "one stays open.",
        advisory="which kinds of machine it supports: the public documents disagree",
    ),
    Clause(
        "C4",
        "Bastion adds a layer of control and spares hybrid links",
        advisory="it describes a benefit, not a state that could be wrong",
    ),
    Clause(
        "C5",
        "The SKU of Bastion follows from the requirements",
        "The Bastion's SKU has to offer the features that are switched on.",
    ),
    Clause(
        "C6",
        "The FAQ of Bastion names what it needs around it",
        "Bastion stops working when its subnet, routes or private DNS are not as its FAQ asks.",
    ),
    Clause(
        "C7",
        "Kerberos needs domain controllers and Bastion in one network",
        "Kerberos sign-in through Bastion needs the domain controllers' DNS in its virtual network.",
        advisory="that a DNS server is a domain controller: its role is not in ARM",
    ),
    Clause(
        "C8",
        "Bastion cannot stand inside a Virtual WAN hub",
        advisory="the platform refuses it, so that there is no such state to find",
    ),
    Clause(
        "C9",
        "With Virtual WAN, Bastion is Standard or Premium with IP-based connection on",
        "With Virtual WAN, Bastion reaches other networks only as Standard or Premium with IP-based "
        "connection on.",
    ),
    Clause(
        "C10",
        "Any spoke of a Virtual WAN may hold Bastion, given the right routing",
        "A Bastion in a spoke reaches machines only if the routing lets it.",
        advisory="routes that gateways learn by BGP: Bastion's effective routes are hidden",
    ),
    Clause(
        "C11",
        "Bastion stands in AzureBastionSubnet; Developer needs none",
        "Bastion needs a subnet of its own that is large enough.",
    ),
    Clause(
        "C12",
        "Developer is a free shared pool without peering",
        "The Developer SKU is a shared pool without peering, meant for trying things out.",
    ),
    Clause(
        "T1",
        "IP-based connection reaches machines outside Azure too",
        advisory="machines outside Azure are not in ARM",
    ),
    Clause(
        "R1",
        "Production uses Standard or Premium; Developer is for sandboxes and tests",
        "Production uses Bastion Standard or Premium; Developer and Basic are for sandboxes and tests.",
    ),
    Clause(
        "R2",
        "Machines reachable from on-premises use the existing hybrid link",
        advisory="whether a link is meant for remote access is an intent that no configuration shows",
    ),
    Clause(
        "R3",
        "With Virtual WAN, Bastion stands in each spoke or in a central one",
        "Every network with machines needs a Bastion that can reach it.",
        advisory="which of the two patterns to choose is a decision (vwanPattern in the baseline)",
    ),
    Clause(
        "R4",
        "With a central Bastion behind Virtual WAN, users hold Reader on it and its spoke",
        "People who connect through Bastion need Reader on it, and nothing more.",
        advisory=_WHO_NEEDS_ACCESS,
    ),
    Clause(
        "R5",
        "In hub and spoke, one Bastion in the hub reaches the spokes through peering",
        "A hub's Bastion reaches the spokes only through peerings that are connected.",
    ),
    Clause(
        "R6",
        "With a hub's Bastion, users hold Reader on it and on the hub's network",
        "People who connect through a hub's Bastion need Reader on it and on the hub's network.",
        advisory=_WHO_NEEDS_ACCESS,
    ),
    Clause(
        "R7",
        "Where Reader on the hub cannot be given, each spoke has a Bastion, Basic or Standard",
        "Which Bastion SKUs production may use is a decision, written in the baseline.",
    ),
    Clause(
        "R8",
        "NSG rules protect Bastion and the machines behind it",
        "NSG rules must protect the Bastion and the machines behind it, and let Bastion do its work.",
    ),
    Clause(
        "R9",
        "Bastion's logs go to the central Log Analytics workspace",
        "Without its logs in the central workspace, nobody can tell who connected to what.",
    ),
    Clause(
        "R10",
        "Users get the role assignments they need, and no more",
        "People who connect through Bastion need Reader on it, its network and the machine.",
        advisory=f"{_WHO_NEEDS_ACCESS}; roles are never assigned by this product",
    ),
    Clause(
        "R11",
        "Private keys for Linux machines lie in a key vault",
        "A machine that takes passwords can be guessed at; a key in a vault cannot.",
        advisory="the key is chosen anew for every session; that a machine takes passwords is only a hint",
    ),
    Clause(
        "R12",
        "Bastion and a hybrid link side by side, to get in when one of them fails",
        "A network with no way in, or with one only, is out of reach when that fails.",
        advisory="whether a network needs a second way in is a decision",
    ),
    Clause(
        "R13",
        "No remote access through public addresses of machines",
        "Machines are reached through Bastion; on a public address, anybody can try to sign in.",
    ),
    Clause(
        "R14",
        "No remote access without strict NSG rules and a firewall",
        "Without strict NSG rules, remote access is open to whoever finds it.",
        advisory="of the rules of Azure Firewall only its translations from public addresses are judged",
    ),
)
CLAUSES: Mapping[str, Clause] = {clause.id: clause for clause in _CLAUSES}


def why(clauses: Iterable[str], *, limit: int = 2) -> list[str]:
    """Sentences for the clauses a finding names, recommendations first: they say what is asked of people."""
    ordered = sorted(dict.fromkeys(clauses), key=lambda clause: not clause.startswith("R"))
    sentences = [CLAUSES[clause].matters for clause in ordered if clause in CLAUSES]
    return [sentence for sentence in sentences if sentence][:limit]


def advisory() -> tuple[Clause, ...]:
    """The clauses that no rule can check, wholly or in part, each with the reason."""
    return tuple(clause for clause in CLAUSES.values() if clause.advisory)
