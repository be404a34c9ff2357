"""Rules about the spec of pods that pods and all kinds with a template of pods share.

- `references`: the config maps, secrets, claims and service account that a spec names; `uses`: the ways of use.
"""
