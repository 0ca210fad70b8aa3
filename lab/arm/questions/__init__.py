"""GETs that are no resource.

operations      how an operation stands, and what came of it
subscriptions   what a subscription tells of itself, and everything in it
network         usages, names, addresses, services, and members of a balancer
"""
