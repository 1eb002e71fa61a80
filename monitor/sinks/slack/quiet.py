"""The SDK's log records -> the same without secrets and message bodies.

At DEBUG slack-sdk 3.47 writes whole messages and webhook addresses; whoever has such an address may post.
"""

import logging
import re

_SECRETS = re.compile(r"xox[a-z]+-[\w.-]+|xapp-[\w.-]+|hooks\.slack\.com/\S+|ticket=[\w-]+")


def redact(text: str) -> str:
    """The text with tokens, webhook addresses and socket tickets blotted out."""
    return _SECRETS.sub("[secret]", text)


class _Redacting(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = redact(record.getMessage()), ()
        return True


_FILTER = _Redacting()


def sdk_logger() -> logging.Logger:
    """The logger that every client of the SDK is given: never below INFO, secrets redacted."""
    logger = logging.getLogger("slack_sdk")
    logger.setLevel(max(logging.INFO, logger.level))
    logger.addFilter(_FILTER)  # the same one again is not added twice
    return logger
