"""Why a port was, or was not, closed: one answer out of a fresh look and of what the ledger remembers.

asking   asks ARM and the ledger, and puts the answer together
answer   the answer as values: what is so now, for which reasons, until when, what happened last
reasons  each thing that can keep a repair back, in words, with its end and what a person can type
summing_up  the answer in a sentence or two
others   what others do: another app here, a change after our last write
port     what one port is: open, closed or not told by a group of rules, and whether any rule is about it
"""
