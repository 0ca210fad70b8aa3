"""Azure Firewall: what it translates from a public address to a private one, and for whom.

matching    what a rule of a firewall takes: certainly, and possibly
reading     DNAT and network rules of a firewall or its policy, in the order in which they are asked
doors       translations that begin at a public address, after the rules before them and the network rules
management  which translations lead to a management port, for rules
"""
