"""Execution, one level at a time for all rows.

- `rootdispatch`: the dispatch of root fields; `rootlookups`: the rows that each finds; `run`: a level of rows.
- `objectlists`: lists of objects of any kinds; `typedvalues`: the values at a path of objects of several types.
- `lists`, `connections`, `linkedobjects`, `links`, `linkedkinds`, `groups`: objects and lists of several parents,
  completed together.
- `reporting`: errors of clusters and namespaces, once for all rows; `listscope`: notes on the clusters of a list.
- `columns`, `shaping`, `responsepaths`: values of all rows of a field, and paths.
- `filtering`, `matching`, `pathvalues`, `reduction`: conditions and orders, and long lists reduced page by page.
"""
