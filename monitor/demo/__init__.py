"""A small invented news site on loopback, with the settings and rules that read it: what `monitor demo` runs."""

from monitor.demo.settings import demo_config_text, demo_rules
from monitor.demo.site import NewsSite

__all__ = ["NewsSite", "demo_config_text", "demo_rules"]
