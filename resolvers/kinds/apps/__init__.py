"""Kinds of the API group apps, and replication controllers, their ancestors.

- `deployment`: deployments; `strategy`: their strategies; `deploymentsets`: their new and old replica sets.
- `replicaset`: replica sets and replication controllers.
- `daemonset`, `statefulset`: the other controllers of pods; `rollout`: the progress of their rollouts.
"""
