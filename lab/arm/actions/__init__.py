"""POST: actions on a resource that is there.

posting                which actions there are, and their operations
effective_rules        the security rules that hold for an interface
effective_routes       the routes that do
effective_admin_rules  the security admin rules that govern a network
port_mappings          which ports lead to a member of a pool
"""
