"""Kinds of the core API group.

- `pod`, `podstatus`, `podresources`: pods, with kubectl's STATUS and RESTARTS, and their requests and limits.
- `node`: nodes; `event`: events.
"""
