"""What is found, for people who look at a list or at one finding.

identity   the id of a finding, and the etag that names what was shown of it
asked      which findings are asked for, and where a page goes on
pages      one page of them, read from the ledger as far as it needs
shown      a finding as JSON: in a list, and in full with what may be done about it
mending    the list of what is open is put right after a crash
past       the latest lines of a resource's history
census     how many there are, and what was repaired lately and how fast
"""
