"""Every way in: who can reach which machine from the internet, judged along the whole path.

lead      what leads to a machine, before anybody asked whether it gets through
way       a way with its hops, its verdict and the packet that proves it
serving   the Bastion hosts that reach a machine, and over what
report    machines with their ways, and the networks they stand in: what `ways-in` shows
"""
