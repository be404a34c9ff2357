"""The command line.

- `commands`: signatures and help texts; the modules here and in the folders do the work.
- `clusters`, `snapshots`, `query`: the commands of these names.
- `tokens`, `grants`, `grantcheck`, `keys`, `audit`, `authentication`, `schema`: one command each.
- `realdemo`: `fleetgraph demo --real`.
- `arguments`, `durations`: labels and durations, as they are typed.
- `recorded`: changes put on record before they happen; `failures`: exceptions turned into a line and an exit code.
"""
