"""What can have a public front, one module each. Every one yields the leads to a target.

public_addresses  a public address on the interface itself
balancers         load balancers: NAT rules, NAT pools, rules to pools, cross-region ones
firewalls         Azure Firewall's translations, in a network or in a hub
gateways          layer-4 listeners of an Application Gateway
appliances        machines that forward packets and that the internet can reach
scale_sets        models of scale sets whose instances get public addresses
node_pools        node pools of AKS whose nodes get public addresses
private_links     Private Link services that approve anybody
shareable_links   Bastion's links for people without an account
unlisted          entries that may exist unseen, because a list of them was not read
"""
