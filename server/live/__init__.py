"""Subscriptions over the network.

- `messages`: the messages of `graphql-transport-ws`, read and written.
- `websocket`: one WebSocket connection, its operations and its end; `limits`: limits.
- `operating`: the operations of live connections.
- `closing`: why connections are closed.
- `eventstream`: server-sent events of `graphql-sse`; `subscriptionparts`: Apollo's multipart subscriptions.
"""
