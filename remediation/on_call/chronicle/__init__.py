"""What a history can tell, and where it ends: nobody is to take what is forgotten for what never happened.

extent  how far back the records reach, in words for whoever asks about an earlier time
behind  how far changes are fetched, since what was not is in no list
report  every write of a time, for an auditor
baselines  a change of what is in force, as a line of the history
cursor  where a page of lines ended, as the text that asks for the next one
"""
