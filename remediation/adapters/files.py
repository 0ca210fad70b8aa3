"""Text from files: the baseline in the package."""

from pathlib import Path

from remediation.errors import ConfigurationError


def read_text(source: str, root: Path) -> str:
    """The text at a path relative to `root`; raises ConfigurationError that names it and what is wrong."""
    try:
        return (root / source).read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(f"cannot read {source}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{source} is not UTF-8 text") from error
