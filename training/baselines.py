"""What the scorer must beat: the commonest stance, leaning words, general sentiment, and linear models on features."""

import re
from collections import Counter
from collections.abc import Sequence
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

from quotestance.model.batching import token_batches
from quotestance.model.cues import lexicon
from quotestance.model.encoders import padded
from quotestance.model.tokenizable import tokenizable
from quotestance.model.types import STANCES
from quotestance.training.base import MINILM, load_base, minilm_is_installed
from quotestance.training.labels import LabelledStatement
from quotestance.training.metrics import Labels

_WORD = re.compile(r"\w+")


class Baseline(Protocol):
    name: str

    def fit(self, statements: Sequence[LabelledStatement]) -> None:
        """Raises ValueError where the statements have a single stance, or nothing in common to learn from."""
        ...

    def predict(self, statements: Sequence[LabelledStatement]) -> Labels:
        """Indices into `STANCES`, one a statement."""
        ...


class Majority:
    name = "majority class"

    def fit(self, statements: Sequence[LabelledStatement]) -> None:
        commonest = Counter(s.stance for s in statements).most_common(1)[0][0]
        self._call = STANCES.index(commonest)

    def predict(self, statements: Sequence[LabelledStatement]) -> Labels:
        return np.full(len(statements), self._call)


class LeaningWords:
    """Counts the reader's verbs that lean to support or condemnation, in the quote and its cue; neutral when equal."""

    name = "lexicon"

    def fit(self, statements: Sequence[LabelledStatement]) -> None:
        self._lean = {
            word: form.cue.lean
            for word, forms in lexicon().verbs.items()
            for form in forms
            if form.cue.lean is not None and not form.cue.rest
        }

    def predict(self, statements: Sequence[LabelledStatement]) -> Labels:
        calls = []
        for statement in statements:
            leans = self._leans(statement)
            lean = leans["supportive"] - leans["condemning"]
            calls.append(STANCES.index("supportive" if lean > 0 else "condemning" if lean < 0 else "neutral"))
        return np.array(calls)

    def gives_away(self, statement: LabelledStatement) -> bool:
        """Whether quote or cue holds a word that leans either way."""
        leans = self._leans(statement)
        return bool(leans["supportive"] or leans["condemning"])

    def _leans(self, statement: LabelledStatement) -> "Counter[str | None]":
        return Counter(self._lean.get(w.lower()) for w in _WORD.findall(statement.cue_and_quote))


class BagOfWords:
    """TF-IDF of the quote's and cue's words and word pairs, with a balanced logistic regression."""

    name = "TF-IDF + logistic regression"

    def fit(self, statements: Sequence[LabelledStatement]) -> None:
        self._model = make_pipeline(
            TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True),
            LogisticRegression(C=4.0, max_iter=2_000, class_weight="balanced"),
        )
        self._model.fit([s.cue_and_quote for s in statements], [STANCES.index(s.stance) for s in statements])

    def predict(self, statements: Sequence[LabelledStatement]) -> Labels:
        return np.asarray(self._model.predict([s.cue_and_quote for s in statements]))


class Sentiment:
    """VADER (Hutto and Gilbert 2014) on the quote, with its authors' thresholds: sentiment taken for stance."""

    name = "VADER sentiment"

    def fit(self, statements: Sequence[LabelledStatement]) -> None:
        self._analyser = SentimentIntensityAnalyzer()

    def predict(self, statements: Sequence[LabelledStatement]) -> Labels:
        scores = [self._analyser.polarity_scores(s.cue_and_quote)["compound"] for s in statements]
        leans = ["supportive" if x >= 0.05 else "condemning" if x <= -0.05 else "neutral" for x in scores]
        return np.array([STANCES.index(lean) for lean in leans])


class FrozenEmbeddings:
    """The base encoder as it comes, mean-pooled over the quote, with a balanced logistic regression."""

    name = "frozen embeddings + logistic regression"

    def fit(self, statements: Sequence[LabelledStatement]) -> None:
        self._base = load_base(MINILM)  # loaded in evaluation mode, and left in it
        self._model = LogisticRegression(C=4.0, max_iter=2_000, class_weight="balanced")
        self._model.fit(self._embed(statements), [STANCES.index(s.stance) for s in statements])

    def predict(self, statements: Sequence[LabelledStatement]) -> Labels:
        return np.asarray(self._model.predict(self._embed(statements)))

    @torch.inference_mode()
    def _embed(self, statements: Sequence[LabelledStatement]) -> NDArray[np.float32]:
        encoder, tokenizer = self._base.encoder, self._base.tokenizer
        texts = [tokenizable(s.cue_and_quote) for s in statements]
        rows = tokenizer(texts, truncation=True, max_length=128)["input_ids"]
        result = np.zeros((len(rows), self._base.config.hidden_size), np.float32)
        for batch in token_batches([len(r) for r in rows], 6_144):
            ids = padded([rows[i] for i in batch], tokenizer.pad_token_id or 0, torch.device("cpu"))
            mask = padded([[1] * len(rows[i]) for i in batch], 0, torch.device("cpu"))
            hidden = encoder(input_ids=ids, attention_mask=mask).last_hidden_state
            mean = (hidden * mask.unsqueeze(-1)).sum(1) / mask.sum(1, keepdim=True)
            result[batch] = torch.nn.functional.normalize(mean, dim=-1).numpy()
        return result


def baselines() -> list[Baseline]:
    """All of them; the frozen embeddings only where the base encoder is installed, since nothing is downloaded here."""
    embeddings: list[Baseline] = [FrozenEmbeddings()] if minilm_is_installed() else []
    return [Majority(), LeaningWords(), Sentiment(), *embeddings, BagOfWords()]
