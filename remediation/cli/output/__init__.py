"""What commands print.

scan_table, scan_sarif         a scan for people, and for code-scanning tools
history_table, replay_table    the history and a replay for people
progress                       how far a long command is
"""
