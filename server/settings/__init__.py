"""Settings, from the environment.

- `settings`: all of them; `types`: their types.
- `cluster`, `kinds`, `query`, `masking`, `http`, `live`, `memory`, `observation`: in groups.
- `limits`: limits of operations and documents; `clusterlimits`: limits of connections to clusters, and the policies of
  kubeconfigs and exec plugins.
- `clientvariables`: variables of commands that ask a server, which are no settings.
- `databasefile`: the database of settings without a URL.
- `containermemory`: the memory limit of the process.
"""
