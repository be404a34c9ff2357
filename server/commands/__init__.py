"""The commands, one file a group: names, options and help, and one call each.

What they call is imported inside, with a `noqa` a line: the store, the Kubernetes models and the schema take up to
seconds, which `fleetgraph --help` must not cost.
"""
