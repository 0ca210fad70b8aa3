"""Commands that ask the rules themselves.

rules     the catalogue
explain   one rule in full
"""
