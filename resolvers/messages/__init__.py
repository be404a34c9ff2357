"""Messages in the language of the caller.

- `language`: the language that a caller prefers (RFC 9110, section 12.5.4; RFC 4647, section 3.4).
- `catalogue`: a message, and the same in another language.

Errors are raised, and logged, in English. `en.toml` has each message with named parameters under a key, `zh.toml` the
same in Chinese. A message is recognised by the first and put together from the second; without an entry it stays
English. A test reads all messages out of the sources, and fails for one without an entry.
"""
