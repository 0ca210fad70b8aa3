"""How traffic of a subnet is sent on.

tables      what its route table sends where, and what of that the tag VirtualNetwork takes in
way_back    where a machine's answers go on their way to a Bastion host
"""
