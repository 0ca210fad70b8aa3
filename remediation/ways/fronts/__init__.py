"""Documents of what has a front, read for entries and rules alike.

gateway       layer-4 listeners of an Application Gateway; `listening` is who comes to one
inner_fronts  load balancers that stand behind another entry
private_link  who may connect to a Private Link service unasked, and what stands behind it
"""
