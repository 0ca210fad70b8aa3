"""HTTP for people: who asks, what they read, what they do.

signing_in  who asks, as App Service authentication or the function key says, and their rights
face        what every such answer has in common: refused, answered, or the problem that an error is
reading     findings, one finding, who one is, what was repaired lately, exemptions
changing    what people change: an exemption, what is to become of a finding
once        what is asked for with the same key is done once; pace is how often one may ask
assembled   puts it together
"""
