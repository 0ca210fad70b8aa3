"""Commands that ask documents.

scan        what drifted in a whole estate; scan_live reads a subscription for it
exposure    who on the internet can reach a port through an NSG
"""
