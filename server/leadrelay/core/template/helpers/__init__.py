"""The helpers of the template language, by subject. Importing this package registers them all."""

from leadrelay.core.template.helpers import codes, formats, patterns, sums, texts, times

__all__ = ["codes", "formats", "patterns", "sums", "texts", "times"]
