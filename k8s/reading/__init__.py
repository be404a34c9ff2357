"""Lists and objects of one cluster.

- `reader`, `listing`, `listprogress`: from a request to pages of rows.
- `pages`, `pagedecoder`, `pagepieces`, `rawpages`, `listorder`: pages of a list, their rows and their order.
- `responsedecoder`: pages and objects from responses, checked before use.
- `selection`, `rowtypes`, `rowdecoders`: the paths that a query needs; a class and a decoder for exactly those.
- `cells`: lists of which the API server's Table has everything that is needed.
- `openpaths`, `opendecoders`: raw JSON at any path, typed or not, and the decoders of objects with such paths.
- `objectdecoder`: objects with values that are not of the types of their fields.
- `decoder`, `decodingcost`, `numbers`, `replacements`: bytes decoded to values, in bounded time.
"""
