"""Function apps over HTTP: our own, asked whether a key opens it.

own_key   whether a function key is one of this app's, as its own host says
"""
