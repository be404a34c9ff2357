"""The demo fleet: six clusters of a company that does not exist, the same every time, some of it in trouble.

A tour, from what is imagined to what is served:

- `profile`, `application`, `businessapplications`, `platformapplications`, `troubles`: the clusters, what runs in them,
  and what is wrong with it: tables to edit.
- `chance`, `moment`, `manifest`: draws that depend on names alone, times, and objects as JSON.
- `site`, `workload`, `planning`, `podplan`, `backoff`, `rollout`: machines and pods at any time, not written yet.
- `containers`, `pods`, `podstatus`, `controllers`, `networking`, `scaling`, `configuration`, `storage`, `schedules`,
  `batch`, `nodes`, `namespaces`, `clusterwide`, `certificates`: the objects, by what they are about.
- `happenings`, `events`: what a cluster tells about all that.
- `world`: one cluster with everything in it; `clock`: moves it; `served`, `refusing`, `coming`: the whole fleet as
  something that can be asked, from the first moment.
"""
