"""The gradient checker: four witnesses and one verdict on any `objective(theta) -> (cost, grad)`."""

from .check import brief_check as brief_check
from .check import check_gradient as check_gradient
from .check import relative_error as relative_error
from .report import Entry as Entry
from .report import Evidence as Evidence
from .report import GradientReport as GradientReport
from .report import Kink as Kink
