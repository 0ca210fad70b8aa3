"""Function apps over HTTP.

own_key   whether a function key is one of this app's, as its own host says
deployed  a deployed app, asked at a desk in the name of whoever is signed in there
"""
