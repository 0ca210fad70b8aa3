"""What others do meanwhile with the resources that we look after.

moving   a resource that is gone and lies elsewhere now
ahead_of_us   a repair of ours that somebody had made before we could write it
heard         who changed a target since our last look, by the events that were kept
entitled      who else holds the roles that the app is given
"""
