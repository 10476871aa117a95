"""The sparse autoencoder, written out by hand end to end. Start reading at `sae/reference.py`."""

import lazy_loader

__version__ = "0.1.0"

# Names load on first use (the list is __init__.pyi), so `sae --help` waits for neither Numba nor SciPy.
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
