"""Rules of HTTP that are not about GraphQL types.

- `request`: the parameters of a GraphQL request, from a body or a query string.
- `mediatypes`, `mediaranges`: media types of requests and answers.
- `responses`, `answers`, `multipart`: answers, refusals, and answers in payloads.
- `pieces`, `sending`: large bodies in pieces, no faster than they are taken.
- `headers`, `cors`, `csrf`: browsers, pages of other origins, and requests that they forge.
- `language`, `traceparent`: the language and the trace of a caller; `disconnect`: callers who have gone.
"""
