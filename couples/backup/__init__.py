"""Copies of both databases while they are in use, and their way back; see docs/deployment.md.

The writing and the data keys are copied apart, each into a folder of its own, so that they can be
kept apart: what was destroyed in the key store is then gone from the copies of the writing, too.
"""
