"""GETs that are no resource.

operations      how an operation stands, and what came of it
subscriptions   what a subscription tells of itself, and everything in it
catalogue       providers with their types, regions, the cloud's endpoints
roles           role definitions, built-in and put
machines        how virtual machines run
scale_sets      interfaces and addresses of all instances at once
network         usages, names, addresses, services, and members of a balancer
"""
