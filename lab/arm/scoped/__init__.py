"""What is synchronous and stands on a scope, and the groups that hold everything else.

diagnostic_settings   of a resource or of the subscription
locks_and_roles       locks and role assignments
tags                  the tags of a resource by themselves
groups                resource groups, whose delete alone takes time
moves                 resources from one group to another
"""
