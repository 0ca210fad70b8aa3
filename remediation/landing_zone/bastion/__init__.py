"""A Bastion host and those it serves.

host               the host's document: SKU, features, its network
subnet             AzureBastionSubnet
flows              what its NSG must let through
reach              which hosts reach a place in a network, and over what
disputed           what a group may let in where access across a peering is off
behind             where hosts come from, to the machines behind an NSG
network_machines   machines in a Bastion's own network
"""
