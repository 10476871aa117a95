"""Preprocessing with an inverse and scikit-learn's face: rows are examples.

Where nothing is lost, `inverse_transform` undoes `transform` to rounding. Where something is (a mean, what was clipped,
axes that were dropped), it puts nothing in its place; each class says what is lost. float32 stays float32; what is
fitted is kept in float64.

`describe` and `to_arrays` take a fitted step, or a Pipeline of steps, apart into JSON and arrays for a model file, and
`from_arrays` puts it together again.
"""

from .base import Preprocessor as Preprocessor
from .mean_remover import MeanRemover as MeanRemover
from .patch_extractor import PatchExtractor as PatchExtractor
from .patch_normalizer import PatchNormalizer as PatchNormalizer
from .pca import PCA as PCA
from .pca_whitening import PCAWhitening as PCAWhitening
from .range_scaler import ConstantFeatureWarning as ConstantFeatureWarning
from .range_scaler import RangeScaler as RangeScaler
from .travel import describe as describe
from .travel import from_arrays as from_arrays
from .travel import to_arrays as to_arrays
from .zca_whitening import ZCAWhitening as ZCAWhitening
