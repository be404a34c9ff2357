"""The health of an object by the rules of kstatus, as pure functions of its JSON.

- `objecthealth`: the result; `objectvalues`: the JSON that the rules read.
- `rules`: the rule of each built-in kind that has its own, and the paths that it reads; a new one is an entry there.
- `workloads`, `resources`: the rules themselves; `generic`: those for objects of any kind.

Source: sigs.k8s.io/cli-utils v0.37.2, pkg/kstatus/status.
"""
