"""Ways in, packet by packet: a second opinion written from the specification, apart from the engine.

documents   ARM documents in a few words, with what ARM adds to them
estates     random small estates
reading     an estate by ids
joining     who is joined to whom, and what VirtualNetwork holds where
doors       public fronts and what stands behind them
firewalls   the doors of Azure Firewalls
composing   one packet at a time through a door to a machine
"""
