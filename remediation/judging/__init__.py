"""From one resource to findings and a plan.

reads        what a judgement may ask
ahead        reads that are known to be wanted go out together
gathering    read what the rules need, each thing once; what cannot be read is remembered as unread
evaluation   snapshot x rules x baseline -> findings and unknowns
prediction   the snapshot as it would be after some writes
consenting   which guards a person lifts who applies a proposal
standing     what only clock, ledger and locks know; exempting is what is left alone, and by whose word
planning     findings -> what to repair now, what to offer, what only to tell
verdicts     what a look came to, as a digest that tells whether the next one would differ
"""
