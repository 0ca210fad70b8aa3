"""A Bastion host and those it serves.

host               the host's document: SKU, features, its network
subnet             AzureBastionSubnet
flows              what its NSG must let through
reach              which machines it can reach, and over what
coverage           which networks no Bastion reaches
network_machines   machines in a Bastion's own network
"""
