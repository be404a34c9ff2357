"""Pages for browsers; they are public, no token is asked for.

- `routes`: paths and their handlers.
- `landing`, `graphiql`, `schemafile`, `manual` (with `markdown`): the start page, GraphiQL, the schema as a file, the
  manual.
- `files`, `folder`: bytes with their headers, compression and ETag; a folder of them, listed once.
- `once`: values that are made at the first request.
- `policies`: the content security policy of each kind of page.
- `shell`, `problems`: the frame of generated pages, and errors as pages.
"""
