"""Checks between training and test labels: what is in both makes figures better than they are."""

from collections.abc import Sequence

from quotestance.training.events import SameEvent, same_events
from quotestance.training.labelling.checked_files import Entry
from quotestance.training.labelling.findings import Finding, passed_or
from quotestance.training.labelling.near_duplicates import near_duplicates


def overlap_findings(training: Sequence[Entry], test: Sequence[Entry]) -> list[Finding]:
    """Test articles that are training articles, to the letter or nearly."""
    found: list[Finding] = []
    ours: dict[str, Entry] = {}
    for entry in training:
        ours.setdefault(entry.article.text, entry)
    theirs: dict[str, Entry] = {}
    for entry in test:
        if entry.article.text in ours:
            place = ours[entry.article.text].place
            found.append(
                Finding("fail", "overlap", f"a test article that is trained on, at {place}", entry.place, place)
            )
        else:
            theirs.setdefault(entry.article.text, entry)
    both = [*ours.values(), *theirs.values()]
    for pair in near_duplicates([entry.article.text for entry in both]):
        if pair.first < len(ours) <= pair.second:
            place = both[pair.first].place
            message = f"a test article that is nearly one trained on, at {place}: {pair.shared:.0%} shared"
            found.append(Finding("fail", "overlap", message, both[pair.second].place, place))
    return passed_or("overlap", "no test article is trained on", found)


def event_findings(training: Sequence[Entry], test: Sequence[Entry]) -> list[Finding]:
    """Test articles about an event of the training articles, as far as descriptions, headlines and dates tell."""
    likest: dict[int, SameEvent] = {}
    for same in same_events([e.article for e in (*training, *test)]):
        if same.first < len(training) <= same.second:
            best = likest.setdefault(same.second, same)
            likest[same.second] = max(best, same, key=lambda s: s.alike)
    found: list[Finding] = []
    for _, same in sorted(likest.items()):
        ours, theirs = training[same.first], test[same.second - len(training)]
        message = (
            f"probably the event of {ours.place}: {theirs.article.target} "
            f"({theirs.article.date or 'no date'}), {ours.article.target} ({ours.article.date or 'no date'})"
        )
        found.append(Finding("warn", "same event", message, theirs.place, ours.place))
    return passed_or("same event", "no test article is about an event trained on, as far as can be told", found)
