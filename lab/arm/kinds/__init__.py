"""The resource types the lab knows, one module each; `table` finds the one for a type.

base        what a type has to say for itself
nsg, bastion, public_ip, nic, vnet, peering, load_balancer   as recorded
firewall, gateway, fleets   firewalls, application gateways and private links, scale sets and clusters [?]
diagnostics, authorization, resource_group   what stands on a scope or holds resources
others      every other type
"""
