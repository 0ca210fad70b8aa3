"""From an open port to the smallest writes that close it and nothing else.

forbidden    who may not reach which ports, and which named sources a person decides about
sources      who of a rule's sources may stay, cut into parts that one rule can name
candidates   rewrites worth proving; companions are rules put beside them
proof        the invariant: allowed after == allowed before - forbidden
planner      the rewrites that pass it, together
changes      a rewrite as writes, and their way back
wording      what is said of it
repair       all of this, from a document
"""
