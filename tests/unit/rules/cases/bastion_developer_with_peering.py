from tests.unit.rules.case import Case
from tests.unit.rules.estates_bastion import (
    HOST,
    NETWORK,
    NIC,
    SPOKE,
    a_developer_host,
    a_host,
    a_network,
    a_nic,
    a_peering,
    a_subnet,
    the_hub,
    the_spoke,
)

DEVELOPER = a_developer_host()
SERVED = a_network(peerings=(a_peering(),))
BACK = a_peering(NETWORK)
SCALE_SET = NIC.partition("/providers/")[0] + "/providers/Microsoft.Compute/virtualMachineScaleSets/vmss"
INSTANCE = f"{SCALE_SET}/virtualMachines/0/networkInterfaces/nic"
OWN_HOST = a_host(identity=f"{HOST}-spoke", subnet=f"{SPOKE}/subnets/AzureBastionSubnet")
WITH_HOST = a_network(
    a_subnet(f"{SPOKE}/subnets/web", "10.1.0.0/24", f"{NIC}/ipConfigurations/ipconfig1"),
    a_subnet(
        f"{SPOKE}/subnets/AzureBastionSubnet", "10.1.1.0/26", f"{HOST}-spoke/bastionHostIpConfigurations/cfg"
    ),
    identity=SPOKE,
    peerings=(BACK,),
)

CASES = (
    Case("no peering", "silent", HOST, (DEVELOPER, a_network())),
    Case("a dedicated host", "silent", HOST, (a_host(), the_hub(), the_spoke(BACK), a_nic())),
    Case("a peered network without machines", "silent", HOST, (DEVELOPER, SERVED, the_spoke(BACK, nics=()))),
    Case(
        "a NIC that is a private endpoint's",
        "silent",
        HOST,
        (DEVELOPER, SERVED, the_spoke(BACK), a_nic(machine=None)),
    ),
    Case(
        "a peered network with its own host",
        "silent",
        HOST,
        (DEVELOPER, SERVED, WITH_HOST, OWN_HOST, a_nic()),
    ),
    Case(
        "a peering that is not connected",
        "silent",
        HOST,
        (DEVELOPER, a_network(peerings=(a_peering(state="Disconnected"),)), the_spoke(BACK), a_nic()),
    ),
    Case(
        "machines across the peering",
        "speaks",
        HOST,
        (DEVELOPER, SERVED, the_spoke(BACK), a_nic()),
        severity="medium",
        on=HOST,
    ),
    Case(
        "a scale set across the peering",
        "speaks",
        HOST,
        (DEVELOPER, SERVED, the_spoke(BACK, nics=(INSTANCE,))),
    ),
    Case("the peered network is not there", "unknown", HOST, (DEVELOPER, SERVED)),
    Case(
        "the peered network is not shown",
        "unknown",
        HOST,
        (DEVELOPER, SERVED, the_spoke(BACK)),
        unread=(SPOKE.lower(),),
    ),
    Case("the NIC is not there", "unknown", HOST, (DEVELOPER, SERVED, the_spoke(BACK))),
    Case("its own network is not there", "unknown", HOST, (DEVELOPER,)),
    Case("a SKU of next year", "unknown", HOST, (a_host("Ultra"),)),
)
