"""The records of targets.

record  what we remember of a target, and what that says of a delivery
claim   a claim while it is held
beaten  repairs of ours that somebody else had made before we could write them
held    which claims are held, for whoever looks after those that died holding one
"""
