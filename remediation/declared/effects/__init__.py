"""What differences do: to who reaches which machine, and to people's way over Bastion.

groups     the rules of a group, exactly, difference by difference
worlds     the estate as it was declared, beside the one that is there: ways in and findings of both;
           nearby lays what changed to the resources that may be why
severity   how bad one resource's differences are
others     what the rest of the properties come to
judge      all of that as one finding for each resource
"""
