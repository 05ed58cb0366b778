"""Article text made safe for a tokenizer, character for character, so that offsets stay what they were."""

# Strings that BERT-, RoBERTa- and T5-like tokenizers read as control tokens, and the scorer's own marks:
# an article that contains one must not steer the model with it.
_CONTROL = (
    "[CLS]", "[SEP]", "[PAD]", "[UNK]", "[MASK]", "<s>", "</s>", "<pad>", "<unk>", "<mask>",
    "[QUOTE]", "[/QUOTE]", "[SPEAKER]", "[/SPEAKER]",
)  # fmt: skip


def tokenizable(text: str) -> str:
    """`text` with control tokens and lone surrogates disarmed; the result has the same length."""
    for token in _CONTROL:
        if token in text:
            text = text.replace(token, f"({token[1:]}")
    return text.encode("utf-8", "replace").decode("utf-8")
