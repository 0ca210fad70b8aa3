"""What requests do to resources.

reading      one resource, or the list of a subscription, a group or a parent; paging cuts lists
putting, patching, deleting   writes; running begins their operations, ending says how they end
actions      POST; effective works out the rules and routes that hold for an interface
finding      where the document of a path lives, and why there is none
refusing     what is in the way of any write: locks, locations, foreign etags

Synchronous, on any scope: diagnostic_settings, locks_and_roles, tags. groups hold all the others.
"""
