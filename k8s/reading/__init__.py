"""Lists and objects of one cluster.

- `reader`, `listing`, `progress`: from a request to pages of rows.
- `pages`, `page`, `rawpages`, `listorder`: pages of a list, their rows and their order; `answers`: checks of answers;
  `room`: the memory for undecoded pages.
- `selection`, `decoding`: the paths that a query needs, and a decoder for exactly those paths.
- `decoder`, `decodingcost`, `numbers`, `replacements`: bytes decoded to values, in bounded time.
"""
