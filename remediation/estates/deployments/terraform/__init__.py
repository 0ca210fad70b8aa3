"""Terraform plans.

reader      a plan as a prediction
instances   its resources, before and after, with their configuration
references  which resource an expression means
identities  the ids they have or will get
blocks      the values of one resource, block by block
mapping     azurerm's resources as ARM's documents
"""
