"""The report: one page with the question, the findings, and the methods."""

from ventral.report.page import write_report

__all__ = ["write_report"]
