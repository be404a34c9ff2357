"""Settings, from the environment.

- `settings`: all of them; `cluster`, `query`, `http`, `memory`, `observation`: in groups; `types`: their types.
- `limits`, `clusterlimits`, `execplugins`: bounds of operations, of connections and of credential plugins, from
  settings.
- `containermemory`: the memory that the process may take.
"""
