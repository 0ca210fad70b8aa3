"""Text from files: the baseline in the package."""

from pathlib import Path

from remediation.errors import LONGEST_PATH, ConfigurationError, Mistake
from remediation.plain import clipped, plain


def read_text(source: str, root: Path) -> str:
    """The text at a path relative to `root`; raises ConfigurationError that names it and what is wrong."""
    try:
        return (root / source).read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        kind = "is not UTF-8 text"
        raise ConfigurationError(Mistake(f"{_named(source)} {kind}", "baseline", kind)) from error
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        said = error.strerror if isinstance(error, OSError) else error
        line = f"cannot read {_named(source)}: {said}"
        raise ConfigurationError(Mistake(line, "baseline", f"cannot be read: {said}")) from error


def _named(source: str) -> str:
    """The path, short; where a URL stands in its place, without the query, which may be a secret."""
    return clipped(plain(source.partition("?")[0]), LONGEST_PATH)
