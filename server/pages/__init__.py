"""Pages for browsers. They are public: no token is needed.

- `routes`: paths and their handlers, and the schema as a file.
- `landing`, `graphiql`, `manual`: the start page, GraphiQL, the manual.
- `markdown`, `codeblocks`: the manual's pages as HTML, and their blocks of code.
- `files`: bytes with their headers, compression and ETag; a folder of them, listed once.
- `lazyvalue`: values that are computed at the first request.
- `policies`: the content security policy of each kind of page.
- `layout`: the frame of generated pages, and errors as pages.
"""
