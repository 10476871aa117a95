"""Pages with one mistake in their source."""

import inspect
from types import ModuleType


def mutant(page, old, new):
    """Return a module like the page, but for one piece of its source."""
    source = inspect.getsource(page)
    assert source.count(old) == 1
    other = ModuleType(page.__name__)
    other.__package__ = page.__package__
    exec(compile(source.replace(old, new), "mutant", "exec"), other.__dict__)
    return other
