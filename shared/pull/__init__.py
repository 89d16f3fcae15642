"""A consumer that pulls continuously, for the one hop where FastStream's subscribers are the bottleneck (D3).

`consumer.py` runs it; `session.py` is one conversation with the server; `credit.py` decides how much to ask for;
`hand.py` keeps what has been received and not yet answered; `workload.py` is the work on it.
"""

from shared.pull.consumer import Pull
from shared.pull.session import Source
from shared.pull.work import Rest, Work

__all__ = ["Pull", "Rest", "Source", "Work"]
