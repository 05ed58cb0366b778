"""Windows of paragraphs as tokens with offsets: what the attribution network reads."""

from collections.abc import Sequence
from dataclasses import dataclass

from transformers import PreTrainedTokenizerBase

from quotestance.model.tokenizable import tokenizable
from quotestance.model.types import Span

_TOKENS_A_PARAGRAPH = 16  # at least, on average: each paragraph costs a separator, and an encoder has 512 places


@dataclass(frozen=True, slots=True)
class Token:
    id: int
    span: Span
    shape: int


@dataclass(frozen=True, slots=True)
class Window:
    """Tokens of neighbouring paragraphs; `own` is the range of tokens whose cues this window answers for.

    The rest is context. Separator tokens have an empty span. `paragraphs` numbers each token's paragraph.
    """

    tokens: tuple[Token, ...]
    paragraphs: tuple[int, ...]
    own: range


def shape_of(word: str, quoted: bool) -> int:
    """How a token is written: lower case 0, Capitalised 1, CAPITALS 2, other 3; and 4 more inside quote marks."""
    if word.islower():
        shape = 0
    elif len(word) > 1 and word.isupper():
        shape = 2
    elif word[:1].isupper():
        shape = 1
    else:
        shape = 3
    return shape + 4 * quoted


def tokenise(
    text: str, paragraphs: Sequence[Span], quoted: Sequence[Span], tokenizer: PreTrainedTokenizerBase
) -> list[list[Token]]:
    """The tokens of each paragraph, with spans into `text`; `quoted` are the spans inside quote marks, in order."""
    if not paragraphs:
        return []
    encoded = tokenizer(
        [tokenizable(p.of(text)) for p in paragraphs],
        add_special_tokens=False,
        return_offsets_mapping=True,
        return_attention_mask=False,
        return_token_type_ids=False,
        verbose=False,
    )
    result = []
    at = 0
    for paragraph, ids, offsets in zip(paragraphs, encoded["input_ids"], encoded["offset_mapping"], strict=True):
        tokens = []
        for token_id, (start, end) in zip(ids, offsets, strict=True):
            span = Span(paragraph.start + start, paragraph.start + end)
            while at < len(quoted) and quoted[at].end <= span.start:
                at += 1
            inside = at < len(quoted) and quoted[at].start <= span.start < quoted[at].end
            tokens.append(Token(token_id, span, shape_of(span.of(text), inside)))
        result.append(tokens)
    return result


def windows(
    paragraphs: Sequence[Sequence[Token]], first: int, separator: int, size: int = 256, context: int = 64
) -> list[Window]:
    """Pack paragraphs into windows of at most `size` own tokens, with up to `context` tokens on either side.

    A paragraph longer than `size` is cut, and so is a run of more than `size / 16` paragraphs (a list, a table): with
    its separators no window is longer than size + size / 16 + 4 · context + 2.

    `first` and `separator` are the ids of the token that opens a sequence and of the one put between paragraphs.
    """
    flat: list[tuple[Token, int]] = []
    cuts = [0]
    most = max(1, size // _TOKENS_A_PARAGRAPH)
    for number, tokens in enumerate(paragraphs):
        begun = len(flat) > cuts[-1]
        if begun and (len(flat) + len(tokens) - cuts[-1] > size or number - flat[cuts[-1]][1] >= most):
            cuts.append(len(flat))
        for token in tokens:
            if len(flat) - cuts[-1] == size:
                cuts.append(len(flat))
            flat.append((token, number))
    result = []
    for start, end in zip(cuts, [*cuts[1:], len(flat)], strict=True):
        if start == end:
            continue
        left, right = max(0, start - context), min(len(flat), end + context)
        tokens_out, numbers = (
            [Token(first, Span(flat[left][0].span.start, flat[left][0].span.start), 3)],
            [flat[left][1]],
        )
        own_start = own_end = 0
        for i in range(left, right):
            token, number = flat[i]
            if number != numbers[-1]:
                tokens_out.append(Token(separator, Span(token.span.start, token.span.start), 3))
                numbers.append(number)
            if i == start:
                own_start = len(tokens_out)
            tokens_out.append(token)
            numbers.append(number)
            if i == end - 1:
                own_end = len(tokens_out)
        tokens_out.append(Token(separator, Span(tokens_out[-1].span.end, tokens_out[-1].span.end), 3))
        numbers.append(numbers[-1])
        result.append(Window(tuple(tokens_out), tuple(numbers), range(own_start, own_end)))
    return result
