"""Which of the waiting work goes into the next batch, so that a large request holds up no small one."""

from collections.abc import Sequence

from quotestance.service.engine.work import Submission, Work


def fair_batch(
    lines: Sequence[Sequence[Work]], budget: int, passed_over: Submission | None
) -> tuple[list[Work], Submission | None]:
    """A batch of at most `budget` tokens, or one item that is larger; and whom it passed over.

    `lines` holds what waits of each submission, in order, none empty. Half of the batch is for the submissions with
    the least left to do, so that a small one waits for no more than a batch; the rest for those whose deadline is
    next, so that a large one always goes on. Where the first of these does not fit in, it begins the next batch:
    `passed_over` is whom the batch before left out.
    """
    filling = _Filling(lines, budget)
    by_deadline = sorted(range(len(lines)), key=lambda i: lines[i][0].submission.deadline)
    by_size = sorted(range(len(lines)), key=lambda i: sum(work.tokens for work in lines[i]))
    for i in by_deadline:
        if lines[i][0].submission is passed_over:
            filling.take_one(i)
    for i in by_size:
        filling.take(i, budget // 2)
    for i in by_deadline:
        filling.take(i, budget)
    first = by_deadline[0] if by_deadline else None
    left_out = None if first is None or filling.taken[first] else lines[first][0].submission
    # longest first: the networks' own batches are of sequences of like length
    return sorted(filling.batch, key=lambda work: (-work.tokens, work.submission.submitted_at, work.index)), left_out


class _Filling:
    def __init__(self, lines: Sequence[Sequence[Work]], budget: int) -> None:
        self.batch: list[Work] = []
        self.taken = [0] * len(lines)
        self._lines = lines
        self._budget = budget
        self._tokens = 0

    def take(self, line: int, up_to: int) -> None:
        """The line's next items, as long as the batch stays within `up_to` tokens."""
        while self.taken[line] < len(self._lines[line]):
            tokens = self._lines[line][self.taken[line]].tokens
            alone = not self.batch and up_to == self._budget
            if self._tokens + tokens > up_to and not alone:
                return
            self.take_one(line)

    def take_one(self, line: int) -> None:
        """The line's next item, whatever its size."""
        work = self._lines[line][self.taken[line]]
        self.batch.append(work)
        self.taken[line] += 1
        self._tokens += work.tokens
