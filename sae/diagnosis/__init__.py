"""Where and why a student's gradient is wrong: `diagnose`."""

from .report import Diagnosis as Diagnosis
from .report import Finding as Finding
from .verdict import diagnose as diagnose
