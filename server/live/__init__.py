"""Connections that stay open: WebSockets, and streams of subscriptions.

- `endpoint`: WebSockets, from the handshake on; `credentials`: their tokens.
- `websocket`: one WebSocket, its messages and its end; `messages`: their form; `closing`: the codes of ends.
- `liveerrors`: the errors with which operations end.
- `running`: the operations that run on one; `operating`: their execution; `log`: their log lines.
- `limits`: limits of connections; `admission`: their numbers, of each caller and of all.
- `reviews`: the end of what runs when its token or its grants end.
- `streamresponse`: a subscription as the response to one HTTP request.
"""
