"""What people decided and every worker goes by, in the ledger, so that it is one thing everywhere.

in_force    which baseline is in force and since when, who stopped all writing, and what is owed about it
texts       the baselines that were in force, by their hash
changes     every change of what is in force: by whom, and what is different
acts        what a person's request came to, for when it is sent again
exemptions  what people have left alone: findings that one took a repair back of
"""
