"""The interactive charts of the page: one module each, see `ventral.report.charts.chart`."""
