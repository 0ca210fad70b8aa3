"""Inside the private network: who of it reaches a machine.

reaching    whether all of VirtualNetwork reaches a machine, and by whose rules
narrowing   what a person would type to leave that to Bastion
"""
