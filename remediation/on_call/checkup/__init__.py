"""What the doctor is told and tells.

answers      a check with what to type, and what the app's health page says
references   what the platform says of each reference to a vault
doors        whether accounts, topic and vault are closed to the app
"""
