"""Who holds which rights, as role assignments say it; the doctor asks.

holders       who else may change what the app is made of, and so is the app
held          what the app's own identities hold
log_rights    where the app itself may put diagnostic settings back
other_guards  who else looks like this app on a subscription
"""
