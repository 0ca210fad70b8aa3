"""A scan as a document, for people and for the tools that they have.

groups     findings that say the same, told together; for the table too
page       one page, self-contained, with the map of ways in where there are any
markdown   a comment or a wiki page
junit      test cases, for pipelines that show nothing else
"""
