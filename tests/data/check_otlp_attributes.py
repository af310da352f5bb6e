"""Compares otlp_attributes.txt with the packages that define the names.

pip install openinference-semantic-conventions opentelemetry-semantic-conventions
python tests/data/check_otlp_attributes.py
"""

import importlib
import inspect
import pathlib
import pkgutil
import sys

import opentelemetry.semconv._incubating.attributes as incubating
import opentelemetry.semconv.attributes as stable
from openinference.semconv import resource, trace


def strings(holder):
    return {value for value in vars(holder).values() if isinstance(value, str)}


def opentelemetry_names():
    names = set()
    for package in (incubating, stable):
        for module in pkgutil.iter_modules(package.__path__):
            names |= strings(importlib.import_module(f"{package.__name__}.{module.name}"))
    return names


def openinference_names():
    holders = [item for module in (trace, resource) for _, item in inspect.getmembers(module, inspect.isclass)]
    return set().union(*map(strings, holders))


known = {"opentelemetry": opentelemetry_names(), "openinference": openinference_names()}
bad = []
for line in (pathlib.Path(__file__).parent / "otlp_attributes.txt").read_text().splitlines():
    if line.startswith("#"):
        continue
    name, package = line.split("\t")
    # A name with numbered elements consists of the names of the list, of its elements and of their members.
    parts = name.split(".N.")
    if package != "unspool" and not all(part in known[package] for part in parts):
        bad.append(f"{name} is not a name of {package}")
print("\n".join(bad) or "all names are current")
sys.exit(bool(bad))
