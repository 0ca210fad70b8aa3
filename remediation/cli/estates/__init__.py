"""Commands that ask documents.

scan        what drifted in a whole estate; scan_live reads a subscription for it
preflight   what a deployment would bring; preflight_inputs reads it, preflight_live what is there now
ways_in     who on the internet can reach which machine, and how
exposure    who on the internet can reach a port through an NSG
export      a subscription as an estate file
declared    what --declared takes, for scan and ways_in
inputs      where documents come from, for all of them
"""
