"""What a browser gets: the start page, GraphiQL, the schema as a file, the manual. It is not secret: no token is asked.

A tour:

- `routes`: which path is answered by what.
- `landing`, `graphiql`, `schemafile`, `manual` (with `markdown`): the areas.
- `servedfile`, `folder`: bytes with their headers, compression and ETag; a folder of them, listed once.
- `once`: what is made at the first request.
- `policies`: what each kind of page may load.
- `shell`, `problems`: the frame of the pages that are made here, and errors as pages.
"""
