"""Where news go: to the channels of those whose resource it is.

owners      reads the tags that say whose a resource is
"""
