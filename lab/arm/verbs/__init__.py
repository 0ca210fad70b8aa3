"""GET, PUT, PATCH and DELETE of resources.

reading      one resource, or the list of a subscription, a group or a parent; paging cuts lists
putting, patching, deleting   writes; running begins their operations, ending says how they end
finding      where the document of a path lives, and why there is none
refusing     what is in the way of any write: locks, locations, foreign etags
"""
