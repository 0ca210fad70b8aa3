"""What the documents of a landing zone say: pure readers that several rules share, and facts as data.

facts                     SKUs, special subnets, log categories, required flows, with their sources
bastion                   a Bastion host, its subnet, the flows it needs, whom it reaches
surroundings, openings    an NSG's attachments and public paths; a way through a deny
routing                   where a subnet's traffic goes, and what of it VirtualNetwork takes in
private                   who of the private network reaches a machine
owners                    which service keeps a resource, and through what it is changed
subnets, security_rules   a network's subnets; rules as they are written back
machines                  virtual machines behind NSGs
jit, jit_requests         which rules a just-in-time request covers; which requests are live
joining                   peerings and Virtual WAN: how networks are joined, and what gets across
access                    who may read what
admin_rules               which rules of a network manager may govern a network
diagnostics               diagnostic settings, judged and repaired
rewriting                 documents as a PUT takes them back
indexes                   what is made of a list that was read, once for each list
commands                  what a person would type
"""
