"""Settings, from the environment.

- `settings`: all of them; `cluster`, `query`, `http`, `memory`, `observation`: in groups; `types`: their types.
- `limits`, `clusterlimits`, `execplugins`: limits of operations, of connections and of credential plugins, from
  settings.
- `containermemory`: the memory limit of the process.
"""
