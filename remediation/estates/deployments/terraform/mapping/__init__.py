"""azurerm's resources as ARM's documents, and what associations set.

table       which type is read by whom
networks    networks, subnets, peerings, routes, addresses
groups      network security groups and rules
machines    interfaces, machines, scale sets
fronts      Bastion hosts, load balancers; firewalls with their policies
monitoring  diagnostic settings; what is written as ARM's anyway
"""
