"""What commands print.

scan_table, scan_sarif         a scan for people, and for code-scanning tools
scan_reports                   a scan as a page, as Markdown, as JUnit; what findings have in common
ways_table, ways_page          ways in for people: in a terminal, and as a page with a map
ways_words                     the sentences of both
history_table, replay_table    the history and a replay for people
why_table                      why a port was, or was not, closed
routes_table                   where a resource's alerts go, and why
into_file                      a file that an answer goes into
progress                       how far a long command is
preflight_table, preflight_markdown, preflight_sarif
                what a change would bring, for people, a pull request and programs; in preflight_words
"""
