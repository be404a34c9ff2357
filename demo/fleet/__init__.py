"""The demo fleet: six clusters of a fictitious company, the same every time, some of them in trouble.

- `company`: tables of the clusters, their applications and their troubles.
- `customkinds`: kinds of operators, such as Argo CD, with their definitions.
- `machines`: nodes, workloads and pods at any time; `objects`: the same as Kubernetes objects.
- `chance`, `moment`, `manifest`, `backoff`: reproducible random values, times, JSON, and times of restarts.
- `certificate`: X.509 certificates.
- `world`: one cluster with all of its objects; `clock`: its changes over time.
- `usage`, `measuredcontent`: the usage of pods and nodes at any time, and the metrics of it; `recordings`: its history.
- `senders`: senders of all clusters; `pendingsender`: a sender that waits until its cluster is generated;
  `refusedconnection`: a connection to the one that is down.
"""
