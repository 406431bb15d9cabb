"""Stand-ins for the five models: no weights, seeded and deterministic, chosen with `kind: double`.

For tests and for working on the service itself. The demo and every published figure run on real models.
"""
