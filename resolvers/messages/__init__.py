"""Messages in the language of the caller.

- `language`: the preferred language of a caller (RFC 9110, section 12.5.4; RFC 4647, section 3.4).
- `translation`: the translation of messages.

Errors are raised and logged in English. The file en.toml has each message with named parameters under a key, zh.toml
the same in Chinese. A message is recognised by the first and built from the second; without an entry it remains
English. Lists of names, `{any_...}` and `{all_...}`, are joined as each language does. A test collects all messages
from the sources, and fails for one without an entry.
"""
