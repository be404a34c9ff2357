"""One cluster at a time: kinds, connection, reader, decoding.

A tour, in the order in which a read passes through:

- `kind`, `kinds`: what can be asked for; a frozen value each.
- `structure`, `models`: the fields of every kind with type and description, from the official client's models.
- `selection`, `decoding`: the paths that a query needs, and a decoder for exactly those.
- `decoder`, `decodingcost`, `numbers`, `replacements`: from any bytes to values, or one error, in bounded time.
- `path`, `request`: the request that answers it, every segment validated.
- `addresses`, `lookups`, `connector`: where may be connected to, and names that hang looked up apart.
- `tlspieces` (with `tlsturns`), `httpprotocol`: TLS decrypted, and HTTP parsed, a few milliseconds at a time.
- `sender`: what can be asked.
- `connection`: one API server: credential, deadline, TLS (`tls`, `keyexchange`). `verdicts` of its flows (`flow`,
  `recentflows`): `breaker`, `throttle`, `doubt` and `doubts`, for not waiting twice for what failed; `notasked`: the
  errors then.
- `apitarget`: what a path is about.
- `roundrobin`, `fairqueue`, `waitingroom`, `turns`, `slot`: waiting in turn, and long work a stretch at a time;
  `steps`: likewise, what many tasks do at once; `freeing`: letting go of many objects; `looplocal`: what each event
  loop has one of.
- `exchange`: one request, for those who count, trace and audit; `progress`: what it waits for; `responsehead`: what is
  read of an answer's headers.
- `body`, `bodymemory`: the bytes of an answer, decompressed as they arrive, within a bound for all answers; `room`: for
  what is decoded of them.
- `pages`, `page`, `answers`, `reader`, `listorder`: pages of bytes to rows, checked and in order; `listing`: what is
  asked and answered.
- `discovery`, `rawpages`: which kinds a server has, and their lists as it wrote them, for what keeps objects whole.
- `impersonation`; `account`, `accounts`, `tokenrequest`, `bindings`, `accountconnection`, `accountcare`, `ourlists`,
  `ourobjects`: asking as somebody else, as they are or as a service account with short-lived tokens.
- `access`, `rules`: who a credential is for the server, and what it may do there.
- `errors`: what can go wrong, drawn as a tree.
- `kubeconfig`, `credential`, `endpoint`: where a connection comes from; `tokensource`: tokens that do not last.
- `credentialsources`, `execplugin`, `execcredential`, `incluster`: credentials that are got when they are needed.
"""
