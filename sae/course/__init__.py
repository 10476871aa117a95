"""Course material that grades itself: an exercise is written once, and everything else is made of it."""

from .exercise import Call as Call
from .exercise import Exercise as Exercise
from .exercise import Given as Given
from .exercise import Misconception as Misconception
from .exercise import Part as Part
from .exercise import Rng as Rng
from .exercise import Test as Test
from .judge import Off as Off
from .judge import holds as holds
from .judge import same as same
