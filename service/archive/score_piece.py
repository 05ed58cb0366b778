"""A piece through the model: what every worker of every engine does."""

from collections.abc import Sequence

from quotestance.model.errors import ModelError
from quotestance.model.types import Article, ArticleError, Reading
from quotestance.service.archive.encoding import encode_piece, join_payloads
from quotestance.service.archive.language import Language, language_of
from quotestance.service.archive.pieces import Counts, Piece, PieceResult, Recipe
from quotestance.service.archive.records import ArticleRecord, BadRecord
from quotestance.service.archive.scored_article import ScoredArticle, unread
from quotestance.service.loading import ReadsArticles

_TOO_MANY = 8  # articles that fail together: then it is the model that is at fault


def score_piece(model: ReadsArticles, piece: Piece, recipe: Recipe) -> PieceResult:
    """Read the piece's articles; those that the model refuses or fails on join the records that were bad before.

    Raises ModelError where the model fails on every one of them.
    """
    languages = {i: _language(r, recipe) for i, r in enumerate(piece.records) if isinstance(r, ArticleRecord)}
    english = [i for i, language in languages.items() if language.english]
    readings = dict(zip(english, _readings(model, [_article(piece, i) for i in english], recipe), strict=True))
    scored: list[ScoredArticle] = []
    refused: list[BadRecord] = []
    for i, record in enumerate(piece.records):
        if isinstance(record, BadRecord):
            refused.append(record)
        elif i not in readings:
            scored.append(unread(record.article, languages[i], model.version))
        elif isinstance(error := readings[i], ArticleError):
            refused.append(BadRecord(record.origin, error.error))
        else:
            scored.append(ScoredArticle(error, languages[i]))
    return _result(piece, scored, refused, recipe)


def refused_piece(piece: Piece, reason: str, recipe: Recipe) -> PieceResult:
    """A piece none of whose articles could be read."""
    refused = [r if isinstance(r, BadRecord) else BadRecord(r.origin, reason) for r in piece.records]
    return _result(piece, [], refused, recipe)


def joined(piece: Piece, parts: Sequence[PieceResult], recipe: Recipe) -> PieceResult:
    """The result of a piece from those of its records, each scored alone."""
    return PieceResult(
        piece.shard,
        piece.number,
        piece.last,
        piece.share,
        piece.input,
        sum((part.counts for part in parts), Counts()),
        join_payloads([part.payloads for part in parts], recipe.format),
        b"".join(part.quarantine for part in parts),
    )


def _result(piece: Piece, scored: Sequence[ScoredArticle], refused: Sequence[BadRecord], recipe: Recipe) -> PieceResult:
    counts = Counts(
        records=len(piece.records),
        articles=len(scored),
        statements=sum(len(article.reading.statements) for article in scored),
        other_language=sum(not article.scored for article in scored),
        refused=len(refused),
        repeats=sum(bad.repeat for bad in refused),
    )
    return PieceResult(
        piece.shard,
        piece.number,
        piece.last,
        piece.share,
        piece.input,
        counts,
        encode_piece(scored, recipe.format),
        b"".join(bad.json() for bad in refused),
    )


def _article(piece: Piece, index: int) -> Article:
    record = piece.records[index]
    assert isinstance(record, ArticleRecord)
    return record.article


def _language(record: ArticleRecord, recipe: Recipe) -> Language:
    return language_of(record.article.text) if recipe.language == "en" else Language(None, english=True)


def _readings(model: ReadsArticles, articles: Sequence[Article], recipe: Recipe) -> list[Reading | ArticleError]:
    """All together; where that fails, one by one, so that one article never costs its neighbours."""
    targets = list(recipe.targets) or None
    try:
        return list(model.read_many(articles, targets))
    except Exception as error:
        results = [_alone(model, article, targets) for article in articles]
        if len(results) >= _TOO_MANY and all(isinstance(result, _FailedError) for result in results):
            raise ModelError(f"the model fails on every article ({type(error).__name__})") from error
    return results


class _FailedError(ArticleError):
    """An article on which the model raised what it should not."""


def _alone(model: ReadsArticles, article: Article, targets: list[str] | None) -> Reading | ArticleError:
    try:
        return next(iter(model.read_many([article], targets)))
    except Exception as error:
        # the exception's own words may quote the text: its kind is enough
        return _FailedError(article.id, f"the model failed on this article ({type(error).__name__})")
