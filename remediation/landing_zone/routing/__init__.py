"""How traffic of a subnet is sent on.

tables      what its route table sends where, and what of that the tag VirtualNetwork takes in
"""
