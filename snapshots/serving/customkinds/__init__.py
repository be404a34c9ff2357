"""Custom kinds of a content, by their definitions.

- `definitions`: names, versions and columns of kinds; `otherversions`: further versions in which objects are served.
- `openapi`, `publishedschema`: OpenAPI v3 documents, made of the schemas of definitions.
"""
