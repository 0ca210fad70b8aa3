"""What the documents of a landing zone say: pure readers that several rules share, and facts as data.

facts                     SKUs, special subnets, log categories, required flows: data with sources
surroundings, openings    an NSG's attachments and public paths; who gets in where
balancers                 what load balancers forward, and from where
subnets, security_rules   a network's subnets; rules as they are written back
machines, network_machines, jit      virtual machines behind NSGs; just-in-time requests
bastion_*                 a Bastion host, its subnet, the flows it needs, whom it reaches
peering, virtual_wan, coverage, access   how networks are joined; who can reach and read what
diagnostics               diagnostic settings, judged and repaired
commands                  what a person would type
"""
