"""The scikit-learn face: estimators that take examples as rows, and the table of equivalents.

`VariationalAutoencoder` and `RICA` here are estimators; the objectives of these names are sae.VariationalAutoencoder
and sae.RICA.
"""

from .anomaly import AnomalyDetector
from .classifiers import SoftmaxClassifier
from .coders import Decoder, Encoder
from .components import ICA, RICA
from .deep import DeepClassifier
from .equivalents import equivalents
from .one_hidden import ContractiveAutoencoder, DenoisingAutoencoder, KSparseAutoencoder, SparseAutoencoder
from .stacked import StackedAutoencoder
from .variational import VariationalAutoencoder
from .whole import load, save

__all__ = [
    "ICA",
    "RICA",
    "AnomalyDetector",
    "ContractiveAutoencoder",
    "Decoder",
    "DeepClassifier",
    "DenoisingAutoencoder",
    "Encoder",
    "KSparseAutoencoder",
    "SoftmaxClassifier",
    "SparseAutoencoder",
    "StackedAutoencoder",
    "VariationalAutoencoder",
    "equivalents",
    "load",
    "save",
]
