"""A student's function, or a whole submission, in a process of its own, with limits."""

from .question import Call as Call
from .question import Given as Given
from .question import Rng as Rng
from .student import Signature as Signature
from .student import Student as Student
from .student import StudentError as StudentError
from .submission import Answer as Answer
from .submission import Limits as Limits
from .submission import answers as answers
from .submission import end_running as end_running
from .submission import session as session
