"""`make demo`: the README's main job on three real control planes of the tests, on loopback."""
