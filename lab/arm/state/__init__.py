"""What a lab holds besides documents.

operations      what runs, and when it ends
faults          what was asked to go wrong
throttle        token buckets
authorization   who may do what, for callers that have a role
grants          what the role assignments on a scope permit
log             requests served
activity_log    what the changes of the last 90 days looked like
"""
