"""Snapshot clusters: objects served read-only as a Kubernetes API server would, in the process.

A tour, from what is held to what is answered:

- `content`, `static`, `live`: what a cluster holds; objects that stay, or that change while they are served.
- `item`, `indexedobject`, `index`, `indexes`: an object's JSON, and what is known of a list without decoding it again.
- `labels`, `fields`, `selectable`: selectors as API servers parse them, and which fields each kind can be selected by.
- `request`, `accept`, `parameters`, `route`: what is asked.
- `lists`, `continuetoken`, `watch`, `discovery`, `reviews`: what is answered, by the kind of question.
- `status`: refusals, in an API server's words.
- `api`: all of it; `sender`: in place of a connection; `asgi`: over HTTP.
"""
