"""Networks around a target, as far as an entry asks for them.

joined    whether packets of one network come to another
subnets   from which prefixes something in a subnet sends
occupied  which addresses of a network are held by interfaces that were read
standing  networks and hubs as the map shows them, with what stands in them
"""
