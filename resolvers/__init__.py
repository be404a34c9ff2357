"""Use cases across clusters: from a query's needs to rows of the whole fleet.

- `caller`, `fleet`, `cluster`, `operation`: who asks, the clusters, and what one GraphQL operation shares.
- `identity`, `accounts`, `network`, `connections`: what fleetgraph is towards a cluster for a caller, and the
  only ways there.
- `granting`, `reconciling`: grants changed, and what was made for them in clusters brought to them.
- `arguments`, `selectors`, `cursors`, `globalids`: what a caller may say, checked.
- `wherearguments`, `fieldpaths`, `conditions`, `valuetests`, `comparing`, `versions`, `readings`, `ordering`: what
  `where` and `orderBy` say and mean; `givens`, `operands`, `patterns`, `textsearch`, `folding`, `jsonsizes`,
  `jsondigests`, `expansion`: how much of it; `shorttexts`: what is made of texts, remembered in bounds.
- `grouparguments`, `grouping`, `quantities`, `totals`: `groups`, with figures that are exact.
- `pushdown`, `parts`: how little of a list must be read; `quorum`: how many clusters must answer.
- `pacing`: long work in slices, so that the event loop answers others meanwhile; `together`: at the same time,
  and ended together; `sharedwork`: done once, whichever fields need it.
- `fairslots`: callers take turns at a cluster; `memory`, `memoryshare`, `weighing`: what operations may hold, and how
  it is estimated.
- `lists`, `answers`, `paging`: one question to many clusters at once; a dead one costs its own rows only, and so
  does what nobody expected of one (`unexpected`).
- `shares`, `requests`: which cluster pays where all have too many objects, or need too many requests, together.
- `sharedlists`: each list read once for all fields that need it, and no more kept of long ones than these need.
- `reading`, `scope`, `seeing`, `listable`: as far as the caller may see, and in which namespaces that is.
- `members`: what a type has beyond its Kubernetes fields, as `@derived` functions of a row and `@link` functions of all
  rows; `fetching` is what a link reads with, `joining` finds a parent's own.
- `access`, `accessarguments`, `deciding`, `heldrules`: `viewerCan`.
- `objects`, `pods`, `nodes`, `deployments`, `clusters`: those members, one file a family; `longlists`: how much of an
  object they look at.
- `auditing`, `auditact`, `auditlines`, `auditpolicy`, `auditedsender`: what is put on record, and how;
  `auditjoining`, `auditpruning`: how much of it; `lostacts`: what cannot be.
- `messages`: what callers are told, in their language.
- `registration`: importing and checking clusters.
"""
