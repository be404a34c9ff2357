"""Subscriptions over the network.

- `messages`: the messages of `graphql-transport-ws`, read and written.
- `websocket`: one WebSocket connection, its operations and its end.
- `limits`: limits of connections; `admission`: their numbers, of each caller and of all.
- `operating`: the operations of live connections.
- `reviews`: the end of what runs when its token or its grants end.
- `closing`: why connections are closed.
- `eventstream`: server-sent events of `graphql-sse`; `subscriptionparts`: Apollo's multipart subscriptions.
"""
