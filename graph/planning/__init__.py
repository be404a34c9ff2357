"""Plans: selection sets turned into levels.

- `planner`, `selectionsets`, `levels`, `targets`: levels of entries, one entry for each response key.
- `connectionplan`, `connectionplanner`, `groupplanner`, `listfield`: selections of lists and of groups;
  `mixedplanner`: of lists with objects of several types.
- `filters`, `selectedpaths`: conditions and orders, and the paths in them as a hidden selection.
- `fieldpaths`, `fieldpath`, `elementpicks`, `valuetypes`: paths in the types, picked elements, and types of values.
- `elementwarnings`: warnings about comparisons that may hold of different elements of a list.
- `deferring`: fields that are delivered later.
- `emitted`: classes of emitted objects; `cache`: the plans used last.
"""
