"""Every way in: who can reach which machine from the internet, judged along the whole path.

From documents to ways:

landscape     what a view shows around machines, each question asked once
targets       where ways lead: the ip configurations of machines' interfaces
entries       what can have a public front, one module each; `balancing` reads load balancers, `firewall`
              Azure Firewall, `fronts` the rest; `networks` is how a target's network is joined
leads         all entries together: what leads to a target, before anybody asked whether it gets through
crossing      whether a lead gets through admin rules and groups: the one composition
serving       the Bastion hosts that reach a machine, and over what
whole         every machine of an estate with every way to it; `halves` says what came in part only

What rules ask: `needs` says what has to be read, `behind` has the ways through one group, `effects` what a
change does to them, `grading` how bad a front is. `lead`, `way` and `report` are the words for all of this.
Everything is pure.
"""
