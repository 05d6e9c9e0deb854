"""Keep the canonical tables: loads, identity, visits, rollups, snapshots.

And the engine that reads them.
"""
