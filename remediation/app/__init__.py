"""Where the app is put together: settings and baseline in, the body of every Azure Function out.

functions   what each Azure Function does; its parts are built in `assembly`
building    when what is needed is built, and how it keeps in step with what is in force
assembly    settings and baseline -> everything that works together, adapters chosen
source      where the baseline comes from: a blob, a path in the package, or nothing
ground      what a process judges by: it begins with what is in force, and stays in step with it
process     how a functions process shares its processor and gives memory back
outlets     where people hear of findings: a sender for each channel of the baseline
settings    environment -> frozen Settings, every mistake named at once
fetching    what the timer that reads activity logs does for each subscription
upkeep      what looks every quarter of an hour whether parts that were down work again
conditions  what keeps a healthy app from doing its work in time or in full
web         the HTTP functions for replay and history
people      those for findings: who signed in, what they read, what they do
board       the page that cards link to, and what a browser gets of it
health      how the app is: a word for anybody, details without values for who has the key
accepted    what an event means, as messages by lane
answers     HTTP answers as values; errors are problem+json, which answering makes of them
"""

from remediation.app.functions import Answer, App

__all__ = ["Answer", "App"]
