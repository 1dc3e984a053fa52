"""A naive, independent model of the reports: slow, plain, written from their specification alone.

`model.run` recomputes any report from an extract's tables; `strategies` makes small, awkward extracts. The
property tests compare the product with it row by row. The model imports nothing of the product, so that the two can
only agree by both being right.
"""
