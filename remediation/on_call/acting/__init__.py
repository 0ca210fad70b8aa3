"""What a person does about a finding: who they are, and what of it they may do.

caller   who asks, and the rights they have
allowed  which verbs may be used on a finding now, and why the others may not
verbs      carries them out: apply, exempt, undo, look again, acknowledge
exempting  leaves what was shown alone for a time
refusals   why what was asked for was not done, as errors
"""
