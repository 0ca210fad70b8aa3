"""`GET /api/board`: the page that people open from a card, and act on.

page        its parts put together, with the headers that guard it

The page's own files stand beside: page.html, page.css, and the script in parts that are joined in the order
of `page.SCRIPTS`. There is no build (docs/adr): what lies here is what a browser gets.

    elements    elements are made in one place, text goes in as text
    words       facts as the words that people read
    address     what is asked stands in the address
    talk        the one place that asks the app
    diff        what a write changes, before and after
    state       what the page knows
    notices     signed out, forbidden, offline, changed
    list        the findings, in groups, so many at a time
    week        what was repaired, what is watched
    finding     one finding in full
    verbs       what can be done to it
    dialog      the confirmation, which repeats what will be written
    page        where everything meets
"""
