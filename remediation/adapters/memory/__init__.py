"""The world in memory, held to the same contracts as the real one.

storage     ledger, queue and the account that holds them
cloud       ARM: documents by id
documents   what ARM does to a document it is sent
"""
