"""The servers beside the shop: how each is found, set up and started, as files below one folder.

The stack keeps what is in them for good, the tests throw it away, and the benches measure them.
"""
