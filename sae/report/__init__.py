"""One self-contained HTML page of a run: what `sae report` writes."""

from .page import write_report as write_report
