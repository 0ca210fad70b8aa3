"""Everything the app reads of ARM in order to judge, done by the lab's ARM under a role."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from lab.arm import Arm, Settings
from lab.arm.serving import in_background
from remediation.adapters.arm.activity_log import MonitorActivityLog
from remediation.adapters.arm.cloud import ArmCloud
from remediation.adapters.clock import VirtualClock
from remediation.adapters.credentials import LabCredential
from remediation.adapters.memory.storage import MemoryLedger
from remediation.adapters.retrying import Retry
from remediation.baseline import Routing
from remediation.intake.expansion import WAYS, expand
from remediation.judging.gathering import gather
from remediation.kinds import LEADS
from remediation.ledger.reverse_index import ReverseIndex
from remediation.model import Listing, Unread
from remediation.resource_id import ResourceId
from remediation.rules import judged_types, registry
from remediation.telling.channels.owners import TagReader
from tests.builders import AT, WEB
from tests.unit.rules.case import Case, all_cases, standard

CALLER = "bastion-guard"
NETWORK = f"{WEB}/virtualNetworks/spoke"
POLICY = f"{WEB}/firewallPolicies/base"
SCALE_SET = f"{AT}/resourceGroups/rg-web/providers/Microsoft.Compute/virtualMachineScaleSets/fleet"
INSTANCE_NIC = f"{SCALE_SET}/virtualMachines/0/networkInterfaces/nic"
PARTS = (
    f"{SCALE_SET}/virtualMachines/0",
    INSTANCE_NIC,
    f"{INSTANCE_NIC}/ipConfigurations/ip/publicIPAddresses/pub",
)
SINCE = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Reader:
    """An app on an ARM that knows its role. `refused` says what it was not permitted to read."""

    arm: Arm
    url: str
    cloud: ArmCloud

    def demanded(self) -> set[str]:
        """The actions asked for since the last time."""
        return self.arm.authorization.demanded.pop(CALLER, set())

    def judge(self, rule: str, case: Case) -> list[str]:
        """Read what a rule needs for a case; what was refused on the way."""
        self.arm.reset()
        self.arm.seed(case.documents)
        subject = self.cloud.get(ResourceId.parse(case.subject))
        if subject is None:
            return ["the subject is gone"]
        snapshot = gather(self.cloud, subject, [registry()[rule]], standard(case, rule), case.moment)
        found = [*snapshot.resources.values(), *snapshot.lists.values()]
        return [one.reason for one in found if isinstance(one, Unread)]

    def expand(self, neighbour: ResourceId) -> None:
        expand(self.cloud, ReverseIndex(MemoryLedger()), neighbour, 10)

    def sweep(self) -> None:
        for kind in judged_types():
            self.cloud.list(Listing(kind, AT))

    def leads(self) -> None:
        """Whatever a way in may lead through, in a subscription that has some; and parts by their ids."""
        self.arm.reset()
        self.arm.seed({"id": identity} for identity in (NETWORK, POLICY, SCALE_SET, *PARTS))
        for kind in LEADS:
            self.cloud.list(Listing(kind, AT))
        for part in PARTS:
            self.cloud.get(ResourceId.parse(part))

    def owners(self) -> None:
        """Whose a resource is, where only its subscription could say so."""
        nobodys = Routing(owner_tags=("owner",))
        TagReader(self.cloud, VirtualClock()).tags_of(ResourceId.parse(NETWORK), nobodys)

    def activity(self) -> None:
        log = MonitorActivityLog(LabCredential(CALLER), endpoint=self.url, retry=Retry(VirtualClock()))
        subscription = ResourceId.parse(AT).subscription
        list(log.events(subscription, SINCE, datetime(2026, 1, 2, tzinfo=UTC)))


@contextmanager
def reading(role: Sequence[str]) -> Iterator[Reader]:
    arm = Arm(settings=Settings(roles={CALLER: list(role)}))
    with in_background(arm) as url:
        cloud = ArmCloud(LabCredential(CALLER), endpoint=url, retry=Retry(VirtualClock()))
        with closing(cloud):
            yield Reader(arm, url, cloud)


def cases() -> list[tuple[str, Case]]:
    """The rules' own cases, but those that are about something that may not be read."""
    return [(rule, case) for rule, case in all_cases() if not case.unread]


def neighbours() -> Iterable[ResourceId]:
    """One resource of every type that becomes an expansion."""
    for kind in sorted(WAYS):
        namespace, *types = kind.split("/")
        tail = "".join(f"/{each}/x{number}" for number, each in enumerate(types))
        yield ResourceId.parse(f"{AT}/resourceGroups/rg-x/providers/{namespace}{tail}")
