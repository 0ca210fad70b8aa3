"""Tables from the vendor's documents.

delegations   services a subnet can be delegated to
endpoints     the regions from which a service is reached through a subnet's service end point
regions       where a subscription can have resources
providers     namespaces, types and api-versions
cloud         the cloud's own names
system_routes routes every subnet has, and what the tags of default rules stand for
roles         the built-in roles
documented    members of types that nobody has recorded
"""
