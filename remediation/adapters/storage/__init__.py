"""The app's storage account.

account         where it is, and who we are there
ledger_tables   the ledger on tables; ledger_codec says how a record lies in one
queue           the two queues, as host.json's encoding reads them
declared_files  what teams declare by files
archive         what is kept for longer than the ledger keeps it
backlog         how much lies on the queues, and for how long
poison          messages the host set aside
marker          says outside the ledger that there was one
dead_letters    events that Event Grid could not deliver
baseline_blob   the baseline behind an https URL
"""
