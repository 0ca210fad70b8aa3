"""What a deployment left, as its word about each resource it wrote.

places  which resource a change speaks of, and with which target that is looked at
left    what a look has read, as a declaration: of the whole resource, or of the children that were written
"""
