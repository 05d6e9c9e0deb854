"""Behaviour patterns: kinds of users found by what they do, with proof; and the order they do it.

The method and its measured scores are in docs/patterns.md.
"""
