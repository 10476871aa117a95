"""The scikit-learn face: estimators that take examples as rows, and the table of equivalents.

`VariationalAutoencoder` here is the estimator; the objective of that name is sae.VariationalAutoencoder.
"""

from .anomaly import AnomalyDetector
from .coders import Decoder, Encoder
from .equivalents import equivalents
from .one_hidden import ContractiveAutoencoder, DenoisingAutoencoder, KSparseAutoencoder, SparseAutoencoder
from .variational import VariationalAutoencoder

__all__ = [
    "AnomalyDetector",
    "ContractiveAutoencoder",
    "Decoder",
    "DenoisingAutoencoder",
    "Encoder",
    "KSparseAutoencoder",
    "SparseAutoencoder",
    "VariationalAutoencoder",
    "equivalents",
]
