"""The values that are never shown: data of Secrets, copies of it, and paths that the operator names.

- `mask`: masked paths as a tree, and its application to JSON.
- `kindmask`: the masks of one kind, some of them for objects with a label only.
- `masking`: the masks of all kinds; whoever shows an object's JSON passes it through there.
- `maskedrows`: masks in the classes of rows, whose decoders drop masked values.
- `maskedpaths`: paths by kind, from the text of a setting.
- `secretvalues`: values of one Secret's keys, which no row has.
- `tlscertificates`: public facts of certificates in TLS Secrets.
"""
