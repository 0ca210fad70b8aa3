"""Commands that ask the rules, or a baseline, by themselves.

rules        the catalogue
explain      one rule in full
baseline     whether a baseline can be used, and what it means for a resource; tagged has its tags
completion   what makes a shell complete commands and options
"""
