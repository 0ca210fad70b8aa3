"""ARM templates, evaluated before they are deployed.

reader      a template file and its parameters: a prediction
expansion   resources written out: conditions, loops, children, deployments within
instances   one resource with its id; its body when it is asked for
frame       what the names in one template stand for
evaluator   expressions as values, as far as they can be; lambdas are functions the template defines
references  what is asked of another resource
functions   what can be called
syntax      expressions as trees
values      values, and what is known only later
hashes      the names Azure makes up
lines       where in the file a resource stands
"""
