"""Digests -> an HTML page that shows them as Slack would."""
