"""The text of a file as JSON documents.

- `documents`, `document`: the documents of a file, JSON or YAML; one of them.
- `jsontext`, `jsonvalues`: JSON values in a row or between logs, and their places in the text.
- `yamltext`, `yamlparts`: YAML documents, also appended ones; `yamlvalues`, `yamlscalars`: values, plain scalars.
- `surroundings`, `text`: warnings and other text around objects; encodings.
"""
