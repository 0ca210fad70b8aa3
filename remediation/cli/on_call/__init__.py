"""Commands that ask a deployed app; desk has what they share, finding_app what `--app` means.

replay     look again at past events; past_files reads them, draining works them off here
history    what was judged, written and announced; history_report is for an auditor
why        why a port was, or was not, closed
undo       take a repair back
look       have the app look at one resource
sweep      have the app look at everything
channels   send something harmless to each channel
doctor     whether a deployed app can do its work
"""
