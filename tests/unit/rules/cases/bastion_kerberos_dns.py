from tests.unit.rules.case import Case
from tests.unit.rules.estates_bastion import HOST, NETWORK, a_host, a_network

KERBEROS = a_host(enableKerberos=True)

CASES = (
    Case("Kerberos off", "silent", HOST, (a_host(), a_network())),
    Case("a DNS server in the network", "silent", HOST, (KERBEROS, a_network(dns=["10.9.0.4", "10.0.2.4"]))),
    Case("Azure's own DNS", "speaks", HOST, (KERBEROS, a_network()), severity="medium", on=HOST),
    Case("an empty list", "speaks", HOST, (KERBEROS, a_network(dns=[]))),
    Case("a DNS server elsewhere", "speaks", HOST, (KERBEROS, a_network(dns=["10.9.0.4"]))),
    Case("a DNS server that is no address", "unknown", HOST, (KERBEROS, a_network(dns=["dc1"]))),
    Case("the network is not there", "unknown", HOST, (KERBEROS,)),
    Case("the network is not shown", "unknown", HOST, (KERBEROS, a_network()), unread=(NETWORK.lower(),)),
    Case("text instead of a switch", "unknown", HOST, (a_host(enableKerberos="on"), a_network())),
)
