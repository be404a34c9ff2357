"""The plural of a kind that nothing in the dump defines.

Source: `meta.UnsafeGuessKindToResource` of k8s.io/apimachinery, which kubectl guesses with, too.
"""


def guessed_plural(kind: str) -> str:
    """The resource name that a kind most likely has: `Widget` has `widgets`, `Policy` `policies`."""
    singular = kind.lower()
    if singular.endswith("endpoints"):
        return singular
    if singular.endswith("s"):
        return f"{singular}es"
    if singular.endswith("y"):
        return f"{singular[:-1]}ies"
    return f"{singular}s"
