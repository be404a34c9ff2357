"""Kinds of the core API group.

- `pod`, `podstatus`, `podresources`: pods, with kubectl's READY, STATUS and RESTARTS, and their requests and limits.
- `container`, `containerstate`: containers of pods, with their states.
- `node`: nodes; `event`: events.
"""
