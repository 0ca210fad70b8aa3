"""Routes every subnet has, and what the tags of default rules stand for.

The list of ranges that are dropped is the one that effective route tables of the public cloud show; it
changes now and then.
"""

from __future__ import annotations

EVERYWHERE = "0.0.0.0/0"
# Routed nowhere unless the network's own addresses or a longer prefix say otherwise, in the order shown.
DROPPED = (
    "10.0.0.0/8", "127.0.0.0/8", "100.64.0.0/10", "172.16.0.0/12", "25.48.0.0/12", "25.4.0.0/14",
    "198.18.0.0/15", "157.59.0.0/16", "192.168.0.0/16", "25.33.0.0/16", "40.109.0.0/16", "104.147.0.0/16",
    "104.146.0.0/17", "40.108.0.0/17", "23.103.0.0/18", "25.41.0.0/20", "20.35.252.0/22",
)  # fmt: skip
HOST = "168.63.129.16/32"  # the platform as machines see it; belongs to VirtualNetwork
BALANCER = ("127.0.0.1/32", HOST)
PRIVATE = ("10.0.0.0/8", "100.64.0.0/10", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16", "224.0.0.0/3",
           "127.0.0.0/8", "0.0.0.0/8")  # fmt: skip
