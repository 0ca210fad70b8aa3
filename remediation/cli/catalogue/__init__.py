"""Commands that ask the rules, or a baseline, by themselves.

rules        the catalogue
explain      one rule in full
baseline     whether a baseline can be used, and what holds for a resource
alert_routes where that resource's alerts go, and why
completion   what makes a shell complete commands and options
"""
