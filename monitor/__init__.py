"""Media-monitoring alerts: news sources in, digests in Slack out."""

__version__ = "0.1.0"
