"""What a run that was killed leaves: what readers see of it, and how it ends when the same is run again."""

from pathlib import Path

from tests.faults.children import answer_of
from tests.faults.setting import Setting, faults_after_re_run, seen_in
from tests.faults.state import state_of

RE_RUN_SECONDS = 900.0


class Aftermath:
    """Looks at a home after kill upon kill; what left the same as an earlier kill is run again once for both, unless `every_re_run`."""

    def __init__(self, setting: Setting, home: Path, *, every_re_run: bool = False) -> None:
        self._setting = setting
        self._home = home
        self._every_re_run = every_re_run
        self._re_runs: dict[str, list[str]] = {}

    @property
    def states(self) -> int:
        """How many different states the kills have left so far."""
        return len(self._re_runs)

    def look(self) -> tuple[str, list[str]]:
        """Which release readers see, and what is wrong now or after running again."""
        saw = seen_in(self._setting, self._home)
        return saw, [*([] if saw in ("old", "new") else [saw]), *self._run_again()]

    def _run_again(self) -> list[str]:
        state = state_of(self._home)
        if state not in self._re_runs or self._every_re_run:
            answer = answer_of(lambda: faults_after_re_run(self._setting, self._home), seconds=RE_RUN_SECONDS)
            self._re_runs[state] = [answer] if isinstance(answer, str) else answer
        return self._re_runs[state]
