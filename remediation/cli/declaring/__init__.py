"""What a deployed app takes for declared.

declare  a file of the team's own, given to the app, listed, taken back
"""
