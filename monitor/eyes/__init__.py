"""The daemon at work -> /livez, /readyz and /metrics for machines; how ready it is, with reasons, for people too."""
