"""Drift from what was declared: the team's own files as a second truth beside the baseline.

From a file, or a row of the ledger, to a finding:

files        a file that declares, told apart or refused; states reads Terraform's
gathering    documents made declarations, one a resource; merging makes two words one, or refuses them
declaration  what was declared of one resource: what of it, by whom, when, in which deployment or file
standing     whose word is in force, and whether it is fresh
comparison   a declaration held against a live document, by what ARM means; kinds says what is compared,
             forms which spellings are one, difference is what comes of it
restoring    a live document with differences put back
effects      what differences do to who reaches what, and how bad that is
holding      every declaration held against an estate; just_in_time leaves alone what a request made
repairing    what differs put back, in the smallest writes, with what is proven of them
deployed     what a deployment left, as its word about each resource it wrote
drift        what differs as findings; rule is the rule they speak for, words says it in sentences

One comparison serves a file that is held against an estate and a declaration that is held against ARM now.
"""
