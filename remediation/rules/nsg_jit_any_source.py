"""Rule nsg-jit-any-source."""

from collections.abc import Iterator, Sequence
from typing import Any

from remediation.baseline import Baseline
from remediation.kinds import NSG
from remediation.landing_zone.jit import POLICIES, Backing, JustInTime
from remediation.landing_zone.jit_requests import Door, Grant
from remediation.landing_zone.surroundings import ATTACHED, Surroundings, without_rules
from remediation.model import Resource, Severity, Snapshot, Violation
from remediation.nsg import BroadFrom, Context, Grade, breadth, detected
from remediation.nsg.fields import AddressField
from remediation.nsg.spaces.addresses import EVERY_ADDRESS
from remediation.nsg.spaces.sets import Ranges, union
from remediation.rule import Doubt, Verdict, rule
from remediation.ways.behind import Behind
from remediation.ways.needs import THROUGH_GROUP


def _suspicious(nsg: Resource, snapshot: Snapshot, _baseline: Baseline) -> bool:
    return any(POLICIES.ids(nsg, snapshot))


@rule(
    "nsg-jit-any-source",
    title="Just-in-time access for everybody",
    applies_to=(NSG,),
    severity=Severity.LOW,
    because={
        Severity.MEDIUM: "The whole internet may try to sign in, for the hours of the request.",
        Severity.LOW: "Nobody arrives at a machine through it today.",
    },
    guidance=("C3",),
    closer=(POLICIES, *ATTACHED, *THROUGH_GROUP),
    suspects=_suspicious,
    refuses=without_rules,
)
def any_source(subject: Resource, snapshot: Snapshot, baseline: Baseline) -> Iterator[Verdict]:
    """A live just-in-time request opens its port to any source.

    What it finds: just-in-time rules with live requests that let a broad part of the internet, all requests
    for a machine's port together, reach it. Sources count by their breadth, however they are spelt: both
    halves of the internet are everybody.
    Severity: low where it is proven that nobody arrives there from the internet today, else medium.
    Why: for hours the port is open to the whole internet, where the requester's own address would do.
    Fix: none is applied. The requester asks again with one address.
    Fix safety: ALERT. Just-in-time rules are never written by us.
    Unknown: when the policies or the machines behind the group cannot be read.
    References: C3; just-in-time machine access.
    """
    around = Surroundings.of(subject, snapshot)
    backings = JustInTime(around).backings
    wide = _wide([backing for backing in backings if backing.live], baseline)
    if wide:
        yield _violation(around, wide, baseline)
        return
    yield from (Doubt(backing.why) for backing in backings if backing.live is None)


type Opened = list[tuple[Backing, Grant]]


def _wide(live: Sequence[Backing], baseline: Baseline) -> dict[Door, Opened]:
    """The ports of machines that live requests together open to a broad part of the internet."""
    opened: dict[Door, Opened] = {}
    for backing in live:
        for grant in backing.grants:
            opened.setdefault((grant.machine, grant.port), []).append((backing, grant))
    context = Context(approved=baseline.allowed_management_sources)
    broad = BroadFrom(baseline.limits.broad_ipv4_addresses)
    return {
        door: each
        for door, each in opened.items()
        if breadth(_sources(each, context), context, broad) is Grade.CRITICAL
    }


def _sources(opened: Opened, context: Context) -> Ranges:
    """Whom some rules let in and whom their requests name."""
    fields = [field for backing, grant in opened for field in (backing.rule.source, grant.sources)]
    everybody = [EVERY_ADDRESS for backing, _ in opened if backing.rule.source.missing]
    return union(*everybody, *(_certain(field, context) for field in fields))


def _certain(field: AddressField, context: Context) -> Ranges:
    tagged = (EVERY_ADDRESS if tag.lower() == "any" else context.tag(tag)[0] for tag in field.tags)
    return union(field.known, *tagged)


def _violation(around: Surroundings, wide: dict[Door, Opened], baseline: Baseline) -> Violation:
    ports = sorted({port for _, port in wide})
    behind = Behind(around, around.nsg, baseline.allowed_management_sources)
    latent = behind.reach(detected(ports)).latent
    evidence: dict[str, Any] = {
        "rules": sorted({backing.rule.name for each in wide.values() for backing, _ in each}),
        "requests": [{"virtualMachineId": machine, "port": port} for machine, port in wide],
    }
    message = f"just-in-time access opens port {', '.join(map(str, ports))} to any source"
    return Violation(
        f"{message} (low: {latent})" if latent else message,
        evidence,
        Severity.LOW if latent else Severity.MEDIUM,
        latent=latent,
    )
