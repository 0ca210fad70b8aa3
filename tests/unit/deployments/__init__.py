"""Deployments judged before they are made: inputs of every sort, and what is said of them.

inputs      templates, snapshots, what-if results and plans as people have them, written for these tests
said        what a person would say about each of them
compiler    the Bicep compiler's own evaluation of a template, where it is there
judged      `preflight` run on an input, in this process
"""
