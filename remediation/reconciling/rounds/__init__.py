"""The neighbourhood lane: what a change means for others, judged together against one picture.

collecting   a neighbour or a scope becomes a mark, and one round of its subscription is called
marks        the marks of a subscription, its round that is due or running: what the ledger keeps of both
picture      what a round reads, each list once, begun after the newest change that it answers
room         one large round at a time in a process
pace         half of ARM's read bucket, and no more
touching     whom the marks concern, each target once
comparing    whether a fresh look at a target would come to anything else than its last one
rounds       one round: takes the marks, looks at the picture, asks the direct lane, lets the marks go
"""
