"""How networks are joined to each other, and what gets across.

views         documents as far as they were read: what the questions of this package are asked of
peering       one side of a peering, as ARM means it
carrying      whether two networks carry traffic between a place in one and a place in the other
members       what of its peers certainly lies in VirtualNetwork of a network
virtual_wan   hubs of a Virtual WAN, their connections, and what their routing does to a network
"""
