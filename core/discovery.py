"""Importing modules that register themselves on import."""

from importlib import import_module
from pkgutil import walk_packages


def import_modules_of(*packages: str) -> None:
    """Import every module below the packages, so that its operations are declared."""
    for package in packages:
        found = import_module(package)
        for module in walk_packages(found.__path__, f"{package}."):
            import_module(module.name)
