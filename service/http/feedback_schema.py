"""What the feedback routes take and give: a corrected statement, its receipt, and the lines of an export."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from quotestance.model.types import ActorType, Kind, StanceLabel
from quotestance.service.feedback.correction import Correction
from quotestance.service.feedback.label_lines import LabelFormat
from quotestance.service.http.refusal import Place
from quotestance.service.http.request_schema import Short, Strict

_LONGEST_COMMENT = 4_000  # characters

# anything that str.strip leaves; written out, because \s is another set in every dialect
_SOMETHING = r"[^\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]"


def _not_blank(text: str) -> str:
    if not text.strip():
        raise PydanticCustomError("blank", "must not be empty")
    return text


NotBlank = Annotated[str, AfterValidator(_not_blank), Field(json_schema_extra={"pattern": _SOMETHING})]
Name = Annotated[NotBlank, Field(max_length=2_000)]
Part = Annotated[str, Field(min_length=1)]
Whole = BeforeValidator(lambda value: int(value) if isinstance(value, float) and value.is_integer() else value)
Offset = Annotated[int, Field(ge=0), Whole]  # in JSON, 3.0 is a whole number, too


def _placed(part: str, start: str, end: str) -> dict[str, Any]:
    """Neither offset, or both and the part itself."""
    neither = {"properties": {start: {"type": "null"}, end: {"type": "null"}}}
    kinds = {part: {"type": "string", "minLength": 1}, start: {"type": "integer"}, end: {"type": "integer"}}
    return {"anyOf": [neither, {"required": list(kinds), "properties": kinds}]}


_PARTS = (("quote", "start", "end"), ("speaker", "speaker_start", "speaker_end"), ("cue", "cue_start", "cue_end"))
# where it is a statement, an actor and a stance
_WHOLE: dict[str, Any] = {
    "anyOf": [
        {
            "required": ["actor", "stance"],
            "properties": {"actor": {"type": "string"}, "stance": {"type": "string"}},
        },
        {"required": ["is_statement"], "properties": {"is_statement": {"const": False}}},
    ],
    "allOf": [_placed(*part) for part in _PARTS],
}


class Predicted(Strict):
    """What the model had said; a `confidence` of 0 alone: it had found nothing there."""

    actor: Short | None = None
    stance: StanceLabel | None = None
    confidence: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)] | None = None


class FeedbackRequest(Strict):
    """The body of `POST /v1/feedback`: one statement as it should have been read.

    `quote`, `speaker` and `cue` are parts of `text`, at `start`, `speaker_start` and `cue_start` where these are given
    (in characters); a quote without offsets is taken where it comes first, and without a quote the whole text is the
    statement. With `is_statement` false, `actor` and `stance` may be left out. `model` is the version that made the
    prediction; without it, the one in force.
    """

    model_config = ConfigDict(json_schema_extra=_WHOLE)

    text: NotBlank
    actor: Name | None = None
    target: Name
    stance: StanceLabel | None = None
    is_statement: bool = True
    quote: Part | None = None
    start: Offset | None = None
    end: Offset | None = None
    speaker: str | None = None
    speaker_start: Offset | None = None
    speaker_end: Offset | None = None
    cue: str | None = None
    cue_start: Offset | None = None
    cue_end: Offset | None = None
    kind: Kind | None = None
    actor_type: ActorType | None = None
    about: Short | None = None
    certainty: Annotated[int, Field(ge=1, le=3), Whole] | None = None
    article_id: Short | None = None
    title: Short | None = None
    date: Short | None = None
    source: Short | None = None
    url: Short | None = None
    model: Name | None = None
    predicted: Predicted | None = None
    comment: Annotated[str, Field(max_length=_LONGEST_COMMENT)] | None = None

    def problems(self, max_characters: int) -> list[Place]:
        """What no schema can say: lengths that are a setting, and parts that must be found in the text."""
        found = []
        if len(self.text) > max_characters:
            found.append(Place("text", f"{len(self.text):,} characters; the limit is {max_characters:,}"))
        if self.is_statement:
            found += [Place(f, "Field required") for f in ("actor", "stance") if getattr(self, f) is None]
        for part in _PARTS:
            found += self._part_problems(*part)
        return found

    def correction(self, model: str) -> Correction:
        """As it is stored; for a request without problems."""
        predicted = self.predicted or Predicted()
        values = self.model_dump(exclude={"quote", "start", "end", "predicted", "model"})
        start, end = self.start, self.end
        if self.quote is not None and start is None:
            start = self.text.index(self.quote)
            end = start + len(self.quote)
        return Correction(
            **values | {"speaker": self.speaker or None, "cue": self.cue or None},
            model=model,
            quote_start=start,
            quote_end=end,
            predicted_actor=predicted.actor,
            predicted_stance=predicted.stance,
            predicted_confidence=predicted.confidence,
        )

    def _part_problems(self, part: str, start_name: str, end_name: str) -> list[Place]:
        text, start, end = getattr(self, part), getattr(self, start_name), getattr(self, end_name)
        if start is None and end is None:
            return [] if text is None or text in self.text else [Place(part, "is not a part of `text`")]
        if start is None or end is None:
            return [Place(end_name if end is None else start_name, "Field required")]
        if not text:
            return [Place(part, "Field required")]
        if self.text[start:end] != text:
            problem = f"text[{start}:{end}] is not `{part}`; offsets count characters of `text`"
            return [Place(start_name, problem)]
        return []


class FeedbackReceipt(BaseModel):
    """The correction is on the disk: its id, the model version it is about, and when it first came."""

    id: str
    model: str
    received: datetime


class ExportQuery(Strict):
    """The query of `GET /v1/feedback`."""

    format: LabelFormat = "articles"
    since: Annotated[str, Field(max_length=64)] | None = None
    model: Name | None = None


class LabelledStrike(BaseModel):
    """A target of the corrections; `main` is that of the first one."""

    id: str
    description: str
    attacker: str
    main: bool


class LabelledStatementLine(BaseModel):
    """A statement; spans are `[start, end)` in the article's text, and `strike` is the id of its target."""

    quote: str
    quote_span: tuple[int, int]
    speaker: str | None
    speaker_span: tuple[int, int] | None
    cue: str | None
    cue_span: tuple[int, int] | None
    kind: Kind | None
    actor: str
    actor_type: ActorType | None
    strike: str
    stance: StanceLabel
    about: str
    certainty: Literal[1, 2, 3]
    feedback_id: str
    received: datetime
    model: str


class LabelledArticleLine(BaseModel):
    """A line of `format=articles`: an article with the corrections in force."""

    doc_id: str
    title: str
    date: str
    source: str
    url: str
    text: str
    strikes: list[LabelledStrike]
    statements: list[LabelledStatementLine]


class LabelRowLine(BaseModel):
    """A line of `format=rows`: one correction."""

    doc_id: str
    text: str
    actor: str
    target: str
    stance: StanceLabel
    quote: str | None = None
    certainty: Literal[1, 2, 3] | None = None


FEEDBACK_SCHEMAS: tuple[type[BaseModel], ...] = (FeedbackRequest, FeedbackReceipt, LabelledArticleLine, LabelRowLine)
