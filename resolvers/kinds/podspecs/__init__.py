"""Rules about the spec of pods that pods and all kinds with a template of pods share.

- `references`: the config maps, secrets, claims and service account that a spec names; `uses`: the ways of use.
- `templates`: members of kinds with a template of pods.
- `relations`: pods and the objects that select, name or control them, or that they name: each relation once.
- `templates`: members of kinds with a template of pods, and pod templates themselves.
- `workloads`: the workloads whose pods an object selects.
"""
