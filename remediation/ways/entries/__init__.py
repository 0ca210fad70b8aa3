"""What can have a public front, one module each. Every one yields the leads to a target.

public_addresses  a public address on the interface itself
balancers         load balancers: NAT rules, NAT pools, rules to pools, cross-region ones
"""
