"""What a run tells its user while it works, each thing once."""

import threading
from dataclasses import dataclass, field


@dataclass
class RunMessages:
    """Lines for the user, one of each subject however often it comes up."""

    _subjects: set[str] = field(default_factory=set)
    _lines: list[str] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, subject: str, line: str) -> None:
        """Have the line shown, if it is the first of its subject."""
        with self._lock:
            if subject not in self._subjects:
                self._subjects.add(subject)
                self._lines.append(line)

    def news(self) -> list[str]:
        """The lines since the last call."""
        with self._lock:
            lines, self._lines = self._lines, []
        return lines
