"""`ways-in --format html`: one page with a map, which loads nothing from anywhere.

drawing     a report as the data of the page
layout      where networks and machines stand on the map
order       which column a network stands in; the library for layered graphs is behind it
page        data, style and script put together, with a policy that lets nothing else run

The page's own files stand beside: page.html, page.css, and the script in parts that are joined in the order
of `page.SCRIPTS`.
"""
