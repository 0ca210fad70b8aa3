"""Putting back what was declared, in the smallest writes there are.

repair    one resource's differences as a fix, as commands to type, or as the reason why there is neither
groups    the rules of a group, one by one, each proven to let nothing in that is shut out now
"""
