"""From an open port to the smallest writes that close it and nothing else.

candidates   rewrites worth proving; companions are rules put beside them
proof        the invariant: allowed after == allowed before - forbidden
changes      a rewrite as writes, and their way back
repair       the plan that passes the proof
"""
