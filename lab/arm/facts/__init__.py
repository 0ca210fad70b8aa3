"""Tables from the vendor's documents.

delegations   services a subnet can be delegated to
endpoints     the regions from which a service is reached through a subnet's service end point
documented    members of types that nobody has recorded
"""
