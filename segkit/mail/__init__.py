"""Compose the mail of a published report from its facts, queue it and send it, never twice."""
