"""What we remember, written once on top of the Ledger port.

claims         who works on a target now, who asked for another look, how far we have seen it
targets        the records of targets: what we remember of each, and which claims are held
findings_book  the findings of a target with the announcements they owe
outstanding    what is open, the worst first, as lists show it
journal        every write: intent, before and after, inverse, how it ended
reverse_index  which targets' judgements read a resource
diary          what was judged and announced, in the order of time
inbox          the events that came in, each once; intake is what was taken in again
cards          which cards are owed
declaring      what was declared, one row a resource
counters       repairs per finding, writes per hour; they fail closed
decided        what is in force: baseline, stop, exemptions, and each change of them
pressure       until when ARM asked us to wait
retention      what is forgotten, and when
unreadable     records that cannot be read: skipped, counted, named; damaged puts them out of the way
versions       the version of each kind of record
keys           names of partitions and shards, and the one loop for shared changes
"""
