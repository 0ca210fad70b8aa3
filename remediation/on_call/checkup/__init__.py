"""What the doctor is told and tells.

answers   a check with what to type, and what the app's health page says
"""
