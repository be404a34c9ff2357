"""What callers are told, in their language.

An error says what happened in English where it is raised, and logs stay so. Here stand the same messages with named
parameters, one file of data a language, an entry a key: `en.toml` holds how a message reads, `zh.toml` what it says in
Chinese. An answer's message is found in the one and put together from the other; what has no entry stays English.

- `language`: which language a caller wants (RFC 9110, section 12.5.4; RFC 4647, section 3.4), and what is spoken now.
- `catalogue`: from a message to the same in another language.

A test reads all messages out of the sources, and fails for one without an entry.
"""
