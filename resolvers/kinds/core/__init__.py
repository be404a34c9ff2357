"""Kinds of the core API group.

- `pod`, `podstatus`: pods, with kubectl's STATUS and RESTARTS.
- `node`: nodes; `event`: events.
"""
