"""Rules about the spec of pods that pods and all kinds with a template of pods share.

- `references`: the config maps, secrets and claims that a spec names.
"""
