"""What was declared, as the ledger keeps it.

records       a row: the word that stands, and the deployment that is under way
declarations  one row a resource: the younger word, and a deployment that is under way at it
deployments   when each deployment was last heard of
"""
