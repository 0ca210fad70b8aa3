"""Inside the private network: what belongs to it, and who of it reaches a machine.

routes      where a subnet's traffic goes, and what of it the tag VirtualNetwork takes in
reaching    whether all of VirtualNetwork reaches a machine, and by whose rules
narrowing   what a person would type to leave that to Bastion
"""
