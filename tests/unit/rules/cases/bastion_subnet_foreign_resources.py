from tests.unit.rules.case import Case
from tests.unit.rules.estates_bastion import (
    BASTION_SUBNET,
    HOST,
    NETWORK,
    NIC,
    a_network,
    a_subnet,
    bastion_subnet,
)

OWN = f"{HOST}/bastionHostIpConfigurations/cfg"

CASES = (
    Case("only the host", "silent", NETWORK, (a_network(bastion_subnet()),)),
    Case("nobody", "silent", NETWORK, (a_network(a_subnet()),)),
    Case(
        "the host in another case",
        "silent",
        NETWORK,
        (
            a_network(
                a_subnet(
                    BASTION_SUBNET, "10.0.0.0/26", OWN.upper().replace("/SUBSCRIPTIONS", "/subscriptions")
                )
            ),
        ),
    ),
    Case(
        "a NIC beside the host",
        "speaks",
        NETWORK,
        (a_network(a_subnet(BASTION_SUBNET, "10.0.0.0/26", OWN, f"{NIC}/ipConfigurations/x")),),
        severity="medium",
        on=BASTION_SUBNET,
    ),
    Case(
        "an id that is none",
        "unknown",
        NETWORK,
        (a_network(a_subnet(BASTION_SUBNET, "10.0.0.0/26", "somebody")),),
        on=BASTION_SUBNET,
    ),
    Case("a network without its subnets", "unknown", NETWORK, ({**a_network(), "properties": {}},)),
)
