"""The statements that two models are compared on: labelled articles that neither was trained on."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from quotestance.model.errors import LabelError
from quotestance.training.comparison.sides import Seen
from quotestance.training.labels import (
    LabelledArticle,
    LabelledStatement,
    LabelProblem,
    read_labels,
    statements_of,
    whole,
)
from quotestance.training.trained_on import texts_of_known_files
from quotestance.training.training_record import text_key


@dataclass(frozen=True, slots=True)
class CommonArticles:
    """Articles, how many were left out because a model was trained on them, and what was refused."""

    articles: tuple[LabelledArticle, ...]
    left_out: int
    problems: tuple[LabelProblem, ...]
    files: tuple[Path, ...]

    @property
    def statements(self) -> list[LabelledStatement]:
        return statements_of(self.articles)

    @property
    def groups(self) -> list[str]:
        """The key of each statement's text: what the bootstrap draws by."""
        return [text_key(a.text) for a in self.articles for _ in a.statements]

    @property
    def sources(self) -> list[str]:
        """Who published each statement's article, empty where not known."""
        return [a.source for a in self.articles for _ in a.statements]

    @property
    def whole_articles(self) -> list[LabelledArticle]:
        """Those that a reader can read."""
        return whole(self.articles)


def common_articles(paths: Sequence[Path], seen: Seen) -> CommonArticles:
    """The articles of label files without those that a model has `seen`, whole files or single texts.

    Raises LabelError when none is left.
    """
    labels = read_labels(paths)
    known = seen.texts | texts_of_known_files(paths, seen.files)
    kept = tuple(a for a in labels.articles if text_key(a.text) not in known)
    result = CommonArticles(kept, len(labels.articles) - len(kept), labels.problems, tuple(paths))
    if not result.statements:
        names = ", ".join(map(str, paths))
        labelled = sum(bool(a.statements) for a in labels.articles)
        raise LabelError(
            f"{names}: one of the models was trained on all {labelled} articles with statements; others are needed"
        )
    return result


def only(tested: CommonArticles, texts: Sequence[str]) -> CommonArticles:
    """The articles of `tested` whose text has one of these keys."""
    wanted = set(texts)
    return replace(tested, articles=tuple(a for a in tested.articles if text_key(a.text) in wanted))
