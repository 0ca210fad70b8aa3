"""How resources are kept: JSON documents that are replaced, never edited.

store        every document by its id, children inside their parents
references   who refers to whom, and what the other side shows of it
firewalls    the same for firewalls, their policies and IP groups
tree         copies with something changed throughout
etags        the version each carries
addresses    the private addresses a subnet has left
filters      `$filter` of lists
"""
