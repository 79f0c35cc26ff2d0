"""One page that says what was asked, what was found, and how."""

from ventral.report.page import write_report

__all__ = ["write_report"]
