"""The objects that use ConfigMaps, Secrets, ServiceAccounts and claims, and how.

- `users`: the kinds of objects that use others, and the references in each.
- `credentials`: the Secrets of volumes and storage classes.
- `finding`: all uses of the objects of a list, with one list for each kind; `usedby`: the fields made of them.
- `workloads`: the workloads among them.
"""
