"""What is done about one finding of a deployed app: shown first, then asked for, in one's own name.

apply, exempt, ack  the commands, accept too; `undo` and `look` stand with the others on call
plainly             what accept and ack have in common: a finding and nothing else
hands               whose hands do it: the app's, asked over HTTP, or these, with rights on its storage
telling             what is printed of a finding
"""
