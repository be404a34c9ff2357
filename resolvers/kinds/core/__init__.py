"""Kinds of the core API group.

- `pod`, `podstatus`, `podresources`: pods, with kubectl's columns, and their requests and limits; `podlinks`: links.
- `container`, `containerstate`, `containerprobes`: containers of pods, with their states and probes.
- `node`: nodes; `event`: events; `service`, `endpoints`, `loadbalancing`: services and their addresses.
- `container`, `containerstate`: containers of pods, with their states.
- `node`: nodes; `event`, `eventsubject`: events; `service`, `endpoints`, `loadbalancing`: services and their addresses.
"""
