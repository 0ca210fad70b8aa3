"""What one port of a group of rules is towards the internet, and whether any rule of ours asks about it."""

from remediation.baseline import Baseline
from remediation.model import Json
from remediation.nsg import Exposure, exposure, parse
from remediation.nsg.difference import public_words
from remediation.on_call.why.answer import Port

PROTOCOLS = ("tcp", "udp")
RANK = {"open": 0, "unknown": 1, "closed": 2}


def port_of(document: Json, port: int, baseline: Baseline) -> Port:
    """The worst of what the group says about the port by TCP and by UDP, judged by itself alone."""
    group = parse(document)
    found = min((exposure(group, port, each) for each in PROTOCOLS), key=lambda one: RANK[one.verdict])
    return Port(port, found.verdict, _words(found), port in baseline.management_ports)


def _words(found: Exposure) -> str:
    what = f"{found.protocol.upper()} {found.port}"
    if found.verdict == "closed":
        return f"{what}: no rule of this group lets anybody on the internet in"
    if found.verdict == "unknown":
        return f"{what}: nobody can tell: {found.reason}"
    assert found.witness is not None
    who = public_words(found.sources)
    return f"{what}: open to {who} by rule {found.witness.allowed_by}, priority {found.witness.priority}"
