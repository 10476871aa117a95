"""Data: examples from files, photographs that ship with scikit-image, whitening, and patches as columns."""

from . import corruption as corruption
from .mnist import load_mnist as load_mnist
from .patches import contrast as contrast
from .patches import normalize_patches as normalize_patches
from .patches import sample_colour_patches as sample_colour_patches
from .patches import sample_patches as sample_patches
from .photographs import COLOUR_PHOTOGRAPHS as COLOUR_PHOTOGRAPHS
from .photographs import PHOTOGRAPHS as PHOTOGRAPHS
from .photographs import colour_photographs as colour_photographs
from .photographs import photographs as photographs
from .tables import Data as Data
from .tables import read as read
from .tables import write as write
from .whitening import whiten as whiten
from .whitening import zca as zca
