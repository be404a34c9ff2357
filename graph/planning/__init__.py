"""Plans: selection sets turned into levels.

- `planner`, `selectionsets`, `levels`, `targets`: levels of entries, one entry for each response key.
- `connectionplan`, `connectionplanner`, `groupplanner`, `listfield`: selections of lists and of groups.
- `filters`, `fieldpaths`: conditions and orders, and the paths in them.
- `deferring`: fields that are delivered later.
- `emitted`: classes of emitted objects; `cache`: the plans used last.
"""
