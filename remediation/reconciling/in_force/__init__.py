"""What is in force, the same for every worker: taken in from its source, stopped and started, told and kept.

effective  the record in the ledger -> the baseline to judge by, with a stop laid over it
watch      what a worker last read of the record, and the guard that asks it before every write
keeper     every change of the record: taken in, broken, mended, stopped, started, lost
ahead      what is about to be written once the mode changes to enforce
news       a change as people are told of it
"""
