"""From an article to its reading: text → attributions → actors → target → stances → each actor taken together."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from quotestance.model.actors import resolve
from quotestance.model.aggregate import aggregate
from quotestance.model.document import Document
from quotestance.model.encoders import share_words
from quotestance.model.errors import InputError, ModelError
from quotestance.model.passages import Passage, build_passage
from quotestance.model.reader import Reader, RuleReader, TaggedReader
from quotestance.model.scorer import Scorer
from quotestance.model.segmentation import segment
from quotestance.model.settings import Settings
from quotestance.model.small_table import shrink_words
from quotestance.model.tagger import Tagger
from quotestance.model.target import find_target
from quotestance.model.types import (
    Actor,
    ActorStance,
    Article,
    ArticleError,
    Attribution,
    Reading,
    Resolution,
    Span,
    Stance,
    Statement,
    Target,
)
from quotestance.model.version_folder import current_model

SHIPPED = Path(__file__).parent / "weights"


@dataclass(frozen=True, slots=True)
class _Draft:
    """An article read but not yet scored; `passages` runs through its targets, and within each its statements."""

    article: Article
    targets: tuple[Target, ...]
    attributions: Sequence[Attribution]
    resolutions: Sequence[Resolution]
    passages: Sequence[Passage]


class Model:
    """A reader and a scorer, loaded; safe to call from several threads at once."""

    def __init__(self, reader: Reader, scorer: Scorer, settings: Settings) -> None:
        self.reader = reader
        self.scorer = scorer
        self.settings = settings

    @property
    def version(self) -> str:
        """Names the reader and the scorer in force."""
        return f"reader-{self.reader.version}+scorer-{self.scorer.version}"

    def read(
        self, text: str, title: str | None = None, target: str | Sequence[str] | None = None, id: str = ""
    ) -> Reading:
        """Read one article: its statements, their actors, and the stance of each toward the target or targets.

        With no target given, the article's main strike is found in its headline and lead; where it has none, the
        statements are listed without stances.

        Raises InputError when an argument is of the wrong type or the text is over the size limit.
        """
        result = next(self.read_many([Article(id=id, text=text, title=title)], target))
        if isinstance(result, ArticleError):
            raise InputError(result.error)
        return result

    def read_many(
        self, articles: Iterable[Article], target: str | Sequence[str] | None = None
    ) -> Iterator[Reading | ArticleError]:
        """Read a stream of articles in batches; results come in order, an ArticleError where one was refused.

        An article's own `target` goes before the argument. Raises InputError when `target` is of the wrong type.
        """
        given = _given_targets(target)
        stream = iter(articles)
        while chunk := list(islice(stream, self.settings.articles_at_once)):
            yield from self._read_chunk(chunk, given)

    def stance(self, rows: Sequence[Mapping[str, Any]]) -> list[Stance | ArticleError]:
        """The stance of rows whose actor, target and quote are known: `{"text", "actor", "target"[, "quote"]}`.

        Without a quote the whole text is judged. A row that cannot be used gives an ArticleError in its place.
        """
        passages: list[Passage | ArticleError] = [self._passage_of(row) for row in rows]
        scored = iter(self.scorer.score([p for p in passages if isinstance(p, Passage)]))
        return [p if isinstance(p, ArticleError) else next(scored) for p in passages]

    def _read_chunk(self, chunk: Sequence[Article], given: tuple[Target, ...]) -> Iterator[Reading | ArticleError]:
        errors = [_refusal(article, self.settings) for article in chunk]
        accepted = [article for article, error in zip(chunk, errors, strict=True) if error is None]
        documents = [segment(article.text, article.title) for article in accepted]
        found = self.reader.attribute(documents)
        drafts = [
            self._draft(article, document, attributions, given)
            for article, document, attributions in zip(accepted, documents, found, strict=True)
        ]
        judged = iter(zip(*self.scorer.judge([p for d in drafts for p in d.passages]), strict=True))
        readings = iter([self._finish(d, [next(judged) for _ in d.passages]) for d in drafts])
        for error in errors:
            yield next(readings) if error is None else error

    def _draft(
        self, article: Article, document: Document, attributions: Sequence[Attribution], given: tuple[Target, ...]
    ) -> _Draft:
        found = find_target(document) if article.target is None and not given else None
        targets = _given_targets(article.target) or given or ((found,) if found else ())
        resolutions = resolve(document, attributions)
        limits = self.scorer.config.limits
        passages = [
            build_passage(article.text, a.quote, a.speaker, r.actor.name if r.actor else "unknown", t.text, limits)
            for t in targets
            for a, r in zip(attributions, resolutions, strict=True)
        ]
        return _Draft(article, targets, attributions, resolutions, passages)

    def _finish(self, draft: _Draft, judged: Sequence[tuple[dict[Any, float], bool]]) -> Reading:
        count = len(draft.attributions)
        distributions = [distribution for distribution, _ in judged]
        by_target = [distributions[i * count : (i + 1) * count] for i in range(len(draft.targets))]
        statements = tuple(
            _statement(draft.article.text, a, r, tuple(self.scorer.stance(row[i]) for row in by_target))
            for i, (a, r) in enumerate(zip(draft.attributions, draft.resolutions, strict=True))
        )
        members: dict[Actor, list[int]] = {}
        for i, statement in enumerate(statements):
            if statement.actor is not None:
                members.setdefault(statement.actor, []).append(i)
        actors = tuple(
            ActorStance(
                actor=actor,
                stances=tuple(self.scorer.stance(aggregate([row[i] for i in indices])) for row in by_target),
                statements=tuple(indices),
            )
            for actor, indices in members.items()
        )
        return Reading(
            article=draft.article,
            targets=draft.targets,
            statements=statements,
            actors=actors,
            model=self.version,
            truncated=any(cut for _, cut in judged),
        )

    def _passage_of(self, row: Mapping[str, Any]) -> Passage | ArticleError:
        name = str(row.get("id", ""))
        for key in ("text", "actor", "target"):
            value = row.get(key)
            if not isinstance(value, str) or not value.strip():
                return ArticleError(
                    name, f"`{key}` is missing" if value is None else f"`{key}` must be a text, not empty"
                )
        text: str = row["text"]
        if len(text) > self.settings.max_characters:
            return ArticleError(name, _too_long(text, self.settings))
        quote = row.get("quote")
        if quote is None or quote == "":
            span = Span(0, len(text))
        elif isinstance(quote, str) and quote in text:
            span = Span(text.index(quote), text.index(quote) + len(quote))
        else:
            return ArticleError(name, "`quote` is not a substring of `text`")
        return build_passage(text, span, None, row["actor"], row["target"], self.scorer.config.limits)


def load(path: str | Path | None = None, settings: Settings | None = None) -> Model:
    """Load the weights that ship with the package, or those of a model folder.

    A folder may hold a `scorer`, a `reader`, or both; what it lacks is taken from the package. Of a folder of versions,
    the one in service is taken.

    Raises ModelError when the folder is missing, incomplete or damaged.
    """
    settings = settings or Settings()
    folder = SHIPPED if path is None else current_model(Path(path))
    if not folder.is_dir():
        raise ModelError(f"{folder}: no such model folder")
    if not any((folder / part).is_dir() for part in ("scorer", "reader")):
        raise ModelError(f"{folder}: holds neither a `scorer` nor a `reader` folder; is it a model folder?")
    scorer = Scorer.load((folder if (folder / "scorer").is_dir() else SHIPPED) / "scorer", settings)
    place = (folder if (folder / "reader").is_dir() else SHIPPED) / "reader"
    if not place.is_dir():
        # a package built from a checkout before its reader was trained still reads, by the rules
        shrink_words(scorer.encoder)
        return Model(RuleReader(), scorer, settings)
    tagger = Tagger.load(place, settings)
    share_words(scorer.encoder, tagger.encoder)
    shrink_words(scorer.encoder, tagger.encoder)
    return Model(TaggedReader(tagger), scorer, settings)


def _statement(text: str, attribution: Attribution, resolution: Resolution, stances: tuple[Stance, ...]) -> Statement:
    speaker, cue = attribution.speaker, attribution.cue
    return Statement(
        quote=attribution.quote.of(text),
        span=attribution.quote,
        speaker=speaker.of(text) if speaker else None,
        speaker_span=speaker,
        cue=cue.of(text) if cue else "",
        cue_span=cue,
        kind=attribution.kind,
        actor=resolution.actor,
        resolved=resolution.resolved,
        stances=stances,
    )


def _given_targets(target: str | Sequence[str] | None) -> tuple[Target, ...]:
    if target is None:
        return ()
    texts = [target] if isinstance(target, str) else target
    if not isinstance(texts, list | tuple) or not all(isinstance(t, str) and t.strip() for t in texts):
        raise InputError("`target` must be a text that is not empty, or a list of such texts")
    return tuple(Target(t.strip(), "given") for t in dict.fromkeys(texts))


def _refusal(article: Article, settings: Settings) -> ArticleError | None:
    # articles come from users' files as well as from typed code
    fields: dict[str, object] = {"text": article.text, "title": article.title or ""}
    for name, value in fields.items():
        if not isinstance(value, str):
            return ArticleError(article.id, f"`{name}` must be a string, not {type(value).__name__}")
    if len(article.text) > settings.max_characters:
        return ArticleError(article.id, _too_long(article.text, settings))
    try:
        _given_targets(article.target)
    except InputError as error:
        return ArticleError(article.id, str(error))
    return None


def _too_long(text: str, settings: Settings) -> str:
    return f"`text` has {len(text):,} characters; the limit is {settings.max_characters:,}: split it into articles"
