"""Each package says what is in it, so that a stranger finds any step in a minute."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2] / "remediation"
CATALOGUED = {"rules"}  # its table of contents is generated: docs/rules.md
MOST_MODULES, MOST_AT_THE_TOP = 16, (14, 17)


def packages() -> list[Path]:
    return sorted(path.parent for path in ROOT.rglob("__init__.py") if path.parent.name not in CATALOGUED)


def inside(package: Path) -> tuple[set[str], set[str]]:
    """The names of the modules and of the packages directly inside a package."""
    modules = {path.stem for path in package.glob("*.py")} - {"__init__"}
    return modules, {path.parent.name for path in package.glob("*/__init__.py")}


@pytest.mark.parametrize("package", packages(), ids=lambda path: str(path.relative_to(ROOT.parent)))
def test_the_docstring_of_a_package_names_everything_in_it(package: Path) -> None:
    tour = (package / "__init__.py").read_text("utf-8").split('"""')[1]
    modules, below = inside(package)

    assert set() == (modules | below) - set(re.findall(r"\w+", tour))


@pytest.mark.parametrize("package", packages(), ids=lambda path: str(path.relative_to(ROOT.parent)))
def test_no_package_is_a_hallway(package: Path) -> None:
    modules, below = inside(package)
    most_modules, most_below = MOST_AT_THE_TOP if package == ROOT else (MOST_MODULES, MOST_MODULES)

    assert len(modules) <= most_modules
    assert len(below) <= most_below
