"""Data: photographs that ship with scikit-image, whitening, and patches as columns."""

from . import corruption as corruption
from .patches import normalize_patches as normalize_patches
from .patches import sample_patches as sample_patches
from .photographs import PHOTOGRAPHS as PHOTOGRAPHS
from .photographs import photographs as photographs
from .whitening import whiten as whiten
from .whitening import zca as zca
