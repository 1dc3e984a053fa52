"""Reading identifiers that people bring: pasted text, CSV and Excel. Whatever is wrong is said in a sentence."""

from smi_portal.lookup.reading.column import Reading, read_cells
from smi_portal.lookup.reading.errors import CannotRead
from smi_portal.lookup.reading.tables import MOST_BYTES, cells_of_file, cells_of_text

__all__ = ["MOST_BYTES", "CannotRead", "Reading", "cells_of_file", "cells_of_text", "read_cells"]
