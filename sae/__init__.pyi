from . import data as data
from . import equations as equations
from . import filters as filters
from . import kernels as kernels
from . import plots as plots
from . import reference as reference
from . import terms as terms
from .activations import Activation as Activation
from .activations import identity as identity
from .activations import sigmoid as sigmoid
from .adam import minimize_adam as minimize_adam
from .autoencoder import Autoencoder as Autoencoder
from .errors import SaeError as SaeError
from .errors import TrainingError as TrainingError
from .filters import orientation as orientation
from .gradient_check import check_gradient as check_gradient
from .layout import Layout as Layout
from .model_file import load as load
from .model_file import save as save
from .optimise import Result as Result
from .optimise import minimize_lbfgs as minimize_lbfgs
from .plots import plot_activations as plot_activations
from .plots import plot_filters as plot_filters
from .plots import plot_history as plot_history
from .plots import plot_network as plot_network
from .plots import plot_reconstructions as plot_reconstructions

__version__: str
