"""A student's function in a process of its own, with a time limit."""

from .student import Signature as Signature
from .student import Student as Student
from .student import StudentError as StudentError
