"""A whole estate from files, and the scan of one.

files      what people have: a list, a page of one, a Resource Graph export
door       every shape that tools print, made one form or refused: the only place that does so
contents   whole documents, flawed ones, and what is known to be missing
links      back references that documents lack, made from the forward ones
leads      parts that ways in lead through, and what an estate does not tell of them
lacking    what a scan asked for and did not find, said once with how to have it
estate     the reading half of a Cloud, answered from documents
scanning   judge everything, write nothing; live subscriptions too
ways_in    every way in to every machine of an estate: `report`, what the command `ways-in` shows
deployments changes judged before they are made: what-if results, templates, snapshots, Terraform plans
"""
