"""The helpers of the template language, by subject. Importing this package registers them all."""

from leadrelay.core.template.helpers import formats, texts

__all__ = ["formats", "texts"]
