"""What Azure does not take, in the codes and texts that users report.

rule_checks   security rules that are none, or stand in each other's way
bastion_flows the rules that the group on AzureBastionSubnet cannot be without
ranges        address ranges of networks and subnets
allocation    addresses another resource holds
overlaps      networks that cannot be peered
"""
