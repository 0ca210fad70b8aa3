"""Every way in: entries on worked estates, and a second opinion packet by packet, apart from the engine.

The second opinion is written from the specification alone and imports nothing of the engine:

documents   ARM documents in a few words; `fronts` has what stands before machines, `backwards` what ARM adds
reading     an estate by ids
joining     who is joined to whom, and what VirtualNetwork holds where
doors       public fronts and what stands behind them; `firewalls` has those of Azure Firewalls
sources     which sources and source ports to try
composing   one packet at a time through a door to a machine
examples    the parts of its own worked examples

It is held against the engine on random estates:

estates     random small estates; `drawing` and `fronting` draw their parts
half_known  the same with tags of unknown content or with documents missing, and what they may be
agreeing    where both differ; `daring` where the engine says more than can be known
reducing    making an estate that shows a difference small enough to read
"""
