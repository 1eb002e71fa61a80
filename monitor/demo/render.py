"""The folder of templates -> the Environment that fills them in. HTML and XML are escaped, TOML and JSON use `tojson`."""

from email.utils import format_datetime

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape


def open_templates() -> Environment:
    """An environment of its own, which the caller may give globals."""
    templates = Environment(
        loader=PackageLoader("monitor.demo", "templates"),
        autoescape=select_autoescape(enabled_extensions=("html.j2", "xml.j2")),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.policies["json.dumps_kwargs"] = {"ensure_ascii": False}
    templates.filters["rfc822"] = format_datetime
    templates.filters["iso"] = lambda at: at.isoformat(timespec="seconds")
    return templates
