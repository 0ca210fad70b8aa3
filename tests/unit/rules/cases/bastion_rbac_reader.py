from tests.builders import AT
from tests.unit.rules.case import Case
from tests.unit.rules.estates_bastion import (
    CUSTOM_ROLE,
    GROUP,
    HOST,
    MACHINE,
    NETWORK,
    NIC,
    a_host,
    a_network,
    a_nic,
    a_subnet,
    an_assignment,
    bastion_subnet,
)

NAMED = {"bastion": {"accessGroups": [GROUP]}}
ASSIGNMENTS = "microsoft.authorization/roleassignments"
WITH_MACHINE = a_network(
    bastion_subnet(), a_subnet(f"{NETWORK}/subnets/vm", "10.0.9.0/24", f"{NIC}/ipConfigurations/ipconfig1")
)
ESTATE = (a_host(), WITH_MACHINE, a_nic())
ONE_BY_ONE = tuple(
    an_assignment(scope, name=f"a{number}") for number, scope in enumerate((HOST, NETWORK, NIC, MACHINE))
)

CASES = (
    Case("no groups are named", "silent", HOST, ESTATE),
    Case("Reader on the subscription", "silent", HOST, (*ESTATE, an_assignment(AT)), NAMED),
    Case("Reader on each of the four", "silent", HOST, (*ESTATE, *ONE_BY_ONE), NAMED),
    Case(
        "the group's id in another case",
        "silent",
        HOST,
        (*ESTATE, an_assignment(AT, principal=GROUP.upper())),
        NAMED,
    ),
    Case("no assignment", "speaks", HOST, ESTATE, NAMED, "low", HOST),
    Case("all but the machine", "speaks", HOST, (*ESTATE, *ONE_BY_ONE[:3]), NAMED),
    Case("all but the NIC", "speaks", HOST, (*ESTATE, *ONE_BY_ONE[:2], ONE_BY_ONE[3]), NAMED),
    Case(
        "somebody else's assignment",
        "speaks",
        HOST,
        (*ESTATE, an_assignment(AT, principal=CUSTOM_ROLE)),
        NAMED,
    ),
    Case("another host's scope", "speaks", HOST, (*ESTATE, an_assignment(f"{HOST}2")), NAMED),
    Case("a custom role", "unknown", HOST, (*ESTATE, an_assignment(AT, role=CUSTOM_ROLE)), NAMED),
    Case("assignments are not shown", "unknown", HOST, ESTATE, NAMED, unread=(ASSIGNMENTS,)),
    Case("the network is not there", "unknown", HOST, (a_host(), an_assignment(AT)), NAMED),
)
