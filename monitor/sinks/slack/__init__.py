"""Slack in both ways of posting: a bot token (`bot`) and an incoming webhook (`webhook`)."""
