"""Where the app is put together: settings and baseline in, the body of every Azure Function out.

functions   what each Azure Function does; its parts are built in `assembly`
assembly    settings and baseline -> everything that works together, adapters chosen
outlets     where people hear of findings: a sender for each channel of the baseline
settings    environment -> frozen Settings, every mistake named at once
conditions  what keeps a healthy app from doing its work in time or in full
web         the HTTP functions for people
health      how the app is: a word for anybody, details without values for who has the key
answers     HTTP answers as values; errors are problem+json
"""

from remediation.app.functions import Answer, App

__all__ = ["Answer", "App"]
