"""HTTP rules of GraphQL requests and responses.

- `request`: the parameters of a GraphQL request, from a body or a query string.
- `mediatypes`, `mediaranges`: media types of requests and responses.
- `graphqlexecutor`: the executor as HTTP sees it.
- `responses`, `multipart`: JSON responses and refusals, and responses in payloads.
- `framing`: the forms of payloads; `liveframings`: those of subscriptions.
- `pieces`, `sending`: large bodies in pieces, no faster than the client reads them.
- `headers`, `cors`, `csrf`: security headers, pages of other origins, and forged requests.
- `language`, `traceparent`: the language and the trace of a request; `disconnect`: clients that disconnect.
"""
