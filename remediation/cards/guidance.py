"""Why a finding matters: the guidance's clauses in plain words, and where to read them in full.

Source: "Plan for virtual machine remote access" of the Azure landing zone documentation. The clause ids are
ours (C considerations, R recommendations), the words are a paraphrase for somebody in a hurry.
"""

from collections.abc import Iterable

GUIDANCE_URL = (
    "https://learn.microsoft.com/azure/cloud-adoption-framework/ready/azure-best-practices/"
    "plan-for-virtual-machine-remote-access"
)

CLAUSES: dict[str, str] = {
    "C0": "Every way to reach a machine remotely has to be a way somebody chose.",
    "C2": "Network security groups are what keeps SSH and RDP closed to strangers.",
    "C3": "Just-in-time access opens a port for one request and closes it again; a rule that only looks like "
    "one stays open.",
    "C5": "The Bastion's SKU has to offer the features that are switched on.",
    "C6": "Bastion stops working when its subnet, routes or private DNS are not as its FAQ asks.",
    "C7": "Kerberos sign-in through Bastion needs the domain controllers' DNS in its virtual network.",
    "C9": "With Virtual WAN, Bastion reaches other networks only as Standard or Premium with IP-based "
    "connection on.",
    "C10": "A Bastion in a spoke reaches machines only if the routing lets it.",
    "C11": "Bastion needs a subnet of its own that is large enough.",
    "C12": "The Developer SKU is a shared pool without peering, meant for trying things out.",
    "R1": "Production uses Bastion Standard or Premium; Developer and Basic are for sandboxes and tests.",
    "R3": "Every network with machines needs a Bastion that can reach it.",
    "R4": "People who connect through Bastion need Reader on it, and nothing more.",
    "R5": "A hub's Bastion reaches the spokes only through peerings that are connected.",
    "R6": "People who connect through a hub's Bastion need Reader on it and on the hub's network.",
    "R7": "Which Bastion SKUs production may use is a decision, written in the baseline.",
    "R8": "NSG rules must protect the Bastion and the machines behind it, and let Bastion do its work.",
    "R9": "Without its logs in the central workspace, nobody can tell who connected to what.",
    "R13": "Machines are reached through Bastion; on a public address, anybody can try to sign in.",
    "R14": "Without strict NSG rules, remote access is open to whoever finds it.",
}


def why(clauses: Iterable[str], *, limit: int = 2) -> list[str]:
    """Sentences for the clauses a finding names, recommendations first: they say what is asked of people."""
    ordered = sorted(dict.fromkeys(clauses), key=lambda clause: not clause.startswith("R"))
    return [CLAUSES[clause] for clause in ordered if clause in CLAUSES][:limit]
