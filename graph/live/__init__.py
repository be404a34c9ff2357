"""Subscriptions: lists that are evaluated again for what has changed.

- `livedocument`: a subscription's document, as queries of objects and totals and the shape of payloads; `documentsplit`
  makes the queries, and `oneobject` that of one object.
- `subscription`: one for all who ask the same; `questions`: those that run; `liverun`: one run for its subscribers.
- `liveevaluation`: the queries, executed as ordinary ones; `livetotals`: totals, counted when something has changed.
- `clusterrows`: the rows of the list of clusters, which are looked at every few seconds.
- `livepayload`: payloads; `totalsjson`: totals with their errors; `watchnotes`: the watches, for explanations.
"""
