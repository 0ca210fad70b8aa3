"""What was declared, as the ledger keeps it.

declarations  one row a resource; the younger word is kept
"""
