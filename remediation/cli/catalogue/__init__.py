"""Commands that ask rules and baselines by themselves.

rules     the catalogue
explain   one rule in full
baseline  a baseline: its mistakes, and where it sends alerts
"""
