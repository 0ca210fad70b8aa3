"""The lab can be found one's way in: each package names what is in it, and none of ARM's is a hallway."""

import re
from pathlib import Path

import pytest

LAB = Path(__file__).resolve().parents[3] / "lab"
MOST_MODULES = 16


def packages() -> list[Path]:
    return sorted(path.parent for path in LAB.rglob("__init__.py"))


def inside(package: Path) -> set[str]:
    """The names of the modules and of the packages directly inside a package."""
    modules = {path.stem for path in package.glob("*.py")}
    return (modules | {path.parent.name for path in package.glob("*/__init__.py")}) - {"__init__", "__main__"}


@pytest.mark.parametrize("package", packages(), ids=lambda path: str(path.relative_to(LAB.parent)))
def test_the_docstring_of_a_package_names_everything_in_it(package: Path) -> None:
    tour = (package / "__init__.py").read_text("utf-8").split('"""')[1]
    assert set() == inside(package) - set(re.findall(r"\w+", tour))


@pytest.mark.parametrize(
    "package",
    [each for each in packages() if LAB / "arm" in (each, *each.parents)],
    ids=lambda path: str(path.relative_to(LAB.parent)),
)
def test_no_package_of_the_labs_arm_is_a_hallway(package: Path) -> None:
    assert len(list(package.glob("*.py"))) - 1 <= MOST_MODULES
