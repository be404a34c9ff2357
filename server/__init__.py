"""The composition root: everything that a person or a process starts fleetgraph by.

A tour:

- `settings`: what the environment may set, with bounds, in groups (`clustersettings`, `querysettings`,
  `memorysettings`, `requestsettings`, `observationsettings`; their types in `settingtypes`); docs/settings.md lists it.
- `main`, `commands`: the command line; a file a group of commands, and what they run in `importing`, `inventory`,
  `clusterchecking`, `tokenadmin`, `asking`, `registryserving` and others, imported only when asked for.
- `failures`: from an exception to one line and an exit code; `terminal`, `output`: what reaches a terminal.
- `acting`, `memoryaudit`: putting on record what is changed here.
- `composition`, `registeredfleet`, `limits`, `connectionlimits`: settings to store, fleet and engine.
- `app`: the HTTP application, made of `graphqlhttp` (with `mediatypes`, `mediaranges`, `requestbody`, `graphqlrequest`,
  `multipart`), `admission`, `strangers` (with `callersrequests`, `strangerqueue`, `sitequeue`, `strangerbodies`,
  `familiartokens`, `tokenbucket`, `pieces`), `sending`, `sharedverification`, `persisteddocuments`, `preflight`,
  `cors`, `authentication`, `callers` (with `oidc`), `development`, `health`, `requestlog`, `language`,
  `securityheaders` and `replies`.
- `pages`: what a browser gets: the start page, GraphiQL, the schema, the manual.
- `connection`, `tlsconnection`, `connectionbounds`, `connectionusage`, `filelimit`: what callers' connections may take.
- `garbage`, `upkeep`, `allocator`: when memory is collected and given back; `containermemory`: how much there is;
  `serving`, `listening`, `draining`: the process that listens, and how it stops.
- `loopstretches`, `loopsampling`: how long the event loop is held up, and by which functions.
- `registryserving`, `reconciler`: the one over the registry, and what it does meanwhile; `demoserving`,
  `demonstration`, `demoreal`: those of the demo, which know no registry, or one of their own.
- `logs`, `logwriter`: structured lines on stderr; `metrics`, `clusterfigures`, `exposition`, `metricsendpoint`: figures
  for Prometheus; `requestid`.
- `tracing`: spans for OpenTelemetry; `watching`: who watches, with or without them; `traceparent`.
"""
