"""Read contact history: parse, check, reconcile.

The bytes of an upload go through one line of steps, each a module: `source` (unpack, encoding), `columns` (which column is what), `guard`
(no personal data), `table` (cells to numbers), `grain` (length of intervals), `folding` (local clock to UTC), `gaps`; `examine` chains
them, `reader` and `previewing` answer. Nothing here opens a file or looks at a clock.
"""

from wfm.history.compare import Comparison, compare_rows
from wfm.history.examine import Gaps
from wfm.history.folding import RepeatedHour
from wfm.history.previewing import preview
from wfm.history.reader import read_history
from wfm.history.record import HistoryFile, Preview, PreviewRow

__all__ = ["Comparison", "Gaps", "HistoryFile", "Preview", "PreviewRow", "RepeatedHour", "compare_rows", "preview", "read_history"]
