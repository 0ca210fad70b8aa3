"""A change judged before it is made: what it would leave behind, laid over what is there.

preflight     two scans and what lies between them
what_if       what Azure says a deployment would change
snapshot      what the Bicep compiler predicts
templates     ARM templates, evaluated
terraform     Terraform plans
prediction    what all of these come to: resources, where each came from, and what is not known
overlay       a prediction laid over an estate; documents holds them by id, patching sets references,
              settling adds what Azure adds, addressing the addresses it gives
answers       expressions that are left, answered from what is there; placeholders stand for what is not
comparison    new, existing, resolved
effects       what it does to the ways in, in sentences
"""
