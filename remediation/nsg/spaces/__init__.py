"""The spaces that rules cut, as flat tuples of boundaries.

sets        sets of whole numbers: ports, addresses
addresses   the address space of both families; text in and out; what is public
cells       the atoms of one dimension, cut where rules begin and end
places      every dimension but the remote address, cut likewise
"""
