"""What people ask of the app.

tools            all of it, put together once
replay           look again at past events: queues work, never repeats a decision
replay_request   what is asked for; request_fields reads its fields, times its moments
sources          where past events lie; past_events turns what lies there into work
importing        after an outage: dead letters and poison are taken in again
preview          what a replay would do now, with nothing written
history          what was judged, written and announced; history_page shows it as HTML
chronicle        where the history ends: what is forgotten, and what the next page has
why              why a port was, or was not, closed
listing          findings: which, page by page; one in full; how many
acting           what a person may do about one, and does
exemptions       what is left alone, until when and by whose word; ends and moves it
declaring        what people declare: by files, and by accepting what is there
undo             a repair is taken back; still_ours tells whether it may be
doctor           whether a deployed app can do its work; deliveries, whether changes reach it
checkup          its checks as they are told, and what the app's health page says
rights           who holds which: who else may change what the app is made of
"""
