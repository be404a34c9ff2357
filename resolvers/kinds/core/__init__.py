"""Kinds of the core API group.

- `pod`, `podstatus`: pods, with kubectl's READY, STATUS and RESTARTS; `podlinks`: their links.
- `container`, `containerstate`: containers of pods, with their states.
- `node`: nodes; `event`: events.
"""
