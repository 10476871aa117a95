"""Gradients against numerical ones, and pages with one line changed, which they must notice."""

import inspect
from types import ModuleType

import numpy as np


def check_gradients(objective, theta):
    """Compare the hand-written gradient with the complex step and central differences."""
    grad = objective(theta)[1]
    size = np.abs(grad).max()
    step = [objective(theta + 1e-30j * e)[0].imag / 1e-30 for e in np.eye(theta.size)]
    np.testing.assert_allclose(grad, step, rtol=0, atol=1e-14 * max(1, size))
    central = [(objective(theta + 1e-5 * e)[0] - objective(theta - 1e-5 * e)[0]) / 2e-5 for e in np.eye(theta.size)]
    np.testing.assert_allclose(grad, central, rtol=0, atol=1e-9 * max(1, size))


def with_bug(page, right, wrong):
    """Return the module with one line changed."""
    source = inspect.getsource(page)
    assert source.count(right) == 1, right
    module = ModuleType(page.__name__)
    module.__package__, module.__file__ = "sae", page.__file__
    exec(compile(source.replace(right, wrong), page.__file__, "exec"), module.__dict__)
    return module
