"""Azure Resource Manager over HTTP, as JSON.

pipeline       the client that carries every call
cloud          the Cloud port: get, list, write, poll
held           what is read by several at a time, kept once
answers        what ARM answers: documents, operations, errors
activity_log   ARM's own record of what was changed
"""
