"""From one resource to findings and a plan.

gathering    read what the rules need, each thing once; what cannot be read is remembered as unread
evaluation   snapshot x rules x baseline -> findings and unknowns
prediction   the snapshot as it would be after some writes
planning     findings -> what to repair now, what to offer, what only to tell
verdicts     what a look came to, as a digest that tells whether the next one would differ
"""
