"""Commands that ask a deployed app; desk has what they share.

replay     look again at past events; past_files reads them, draining works them off here
history    what was judged, written and announced; history_report is for an auditor
why        why a port was, or was not, closed
undo       take a repair back
exemptions what is left alone, and the end of it
stop       stop all repairs, for every worker; start ends it
look       have the app look at one resource
sweep      have the app look at everything
set_aside  put records that cannot be read out of the way
channels   send something harmless to each channel
doctor     whether a deployed app can do its work
"""
