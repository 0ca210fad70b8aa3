"""Every way in: who can reach which machine from the internet, judged along the whole path.

lead      what leads to a machine, before anybody asked whether it gets through
way       a way with its hops, its verdict and the packet that proves it
landscape what a view shows around machines; targets are where ways lead
entries   what can have a public front, one module each
report    machines with their ways, and the networks they stand in: what `ways-in` shows
"""
