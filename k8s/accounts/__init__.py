"""Our service accounts in clusters.

- `account`, `accounts`, `bindings`: accounts and role bindings, made when they are needed.
- `connection`, `tokenrequest`: connections with their short-lived tokens.
- `care`: looking after an account that is refused something.
- `ourlists`, `ourobjects`: lists of what carries our labels.
"""
