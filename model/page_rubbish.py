"""Recognises what a web page leaves around an article: banners, share buttons, photo credits, sign-up lines."""

import re

from quotestance.model.tokens import word_set

_LONGEST = 240  # characters; longer paragraphs are text

# Rubbish even when it is a full sentence.
_ALWAYS = (
    r"sign up (?:for|to)",
    r"subscribe (?:to|now|today)|subscribe$",
    r"click (?:here|to)",
    r"read (?:more|also|next)\b|see also\b|see more\b",
    r"copyright\b|©|\(c\) \d|all rights reserved|this material may",
    r"advertisement\b",
    r"enlarge this image|toggle caption|hide caption",
    r"share (?:this|on|via)\b|follow (?:us|@)|like us on",
    r"we use cookies|accept (?:all )?cookies",
    r"download (?:the|our) app",
)
# Rubbish unless a full stop shows that it is a sentence.
_UNLESS_SENTENCE = (
    r"continue reading|skip to|back to top|loading\b|play video|replay\b|media playback",
    r"related (?:articles?|stories|coverage|topics?)|recommended\b|most (?:read|popular)|more (?:from|on this)",
    r"just watched|must watch|watch (?:video|now|live|:)|view (?:photos|images|gallery)",
    r"photos?:|image (?:copyright|credit|caption)|photo credit|getty images",
    r"terms of (?:use|service)|privacy policy|cookies?\b|newsletter|story highlights$",
    r"comments?$|\d+ comments?$|print$|email$",
    r"tags?:|topics?:|filed under|updated \d|published \d|posted (?:on|at|by)|date of publication \d",
)
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\.?"
_DAY = r"(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day,? )?"

_ALWAYS_RUBBISH = re.compile("|".join(_ALWAYS), re.IGNORECASE)
_MAYBE_RUBBISH = re.compile("|".join(_UNLESS_SENTENCE), re.IGNORECASE)
_SENTENCE = re.compile(r"[.?!][\"”’]?$")
_CLOSE_BANNER = re.compile(r"close\b.{0,60}\b(?:banner|ad|window|popup|menu|overlay)$", re.IGNORECASE)
_BUTTONS = word_set("facebook twitter whatsapp linkedin email print share tweet pinterest reddit copy link x")
_CREDIT = re.compile(r"(?:\((?:AP|AFP|Reuters|Getty|EPA)[^)]{0,60}\)|(?:AP|AFP|Reuters|EPA)(?: Photo)?(?:/.{1,60})?)$")
_DATELINE = re.compile(
    rf"(?:[A-Z][A-Za-z.' -]{{2,40}}, )?{_DAY}(?:\d{{1,2}} {_MONTH}|{_MONTH} \d{{1,2}})(?:,? \d{{4}})?$", re.IGNORECASE
)


def is_rubbish(paragraph: str) -> bool:
    """Whether a whole paragraph (stripped) is page furniture, or has no letter or digit at all."""
    if not any(c.isalnum() for c in paragraph):
        return True
    if len(paragraph) > _LONGEST:
        return False
    if _ALWAYS_RUBBISH.match(paragraph) or _CLOSE_BANNER.match(paragraph) or _CREDIT.match(paragraph):
        return True
    if _MAYBE_RUBBISH.match(paragraph) and not _SENTENCE.search(paragraph):
        return True
    if all(word in _BUTTONS for word in re.findall(r"\w+", paragraph.lower())):
        return True
    return bool(_DATELINE.match(paragraph))
