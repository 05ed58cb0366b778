"""The labelling interface for Label Studio: quotes, speakers, cues as regions, what is said of a quote as choices."""

from xml.sax.saxutils import quoteattr

from quotestance.model.types import ACTOR_TYPES, KINDS, STANCES

QUOTE, SPEAKER, CUE = "quote", "speaker", "cue"
SPANS, TEXT, TARGET = "span", "text", "target"  # names of the interface's parts, which its results carry
CERTAINTIES = ("3", "2", "1")
CHOICES = {"stance": STANCES, "kind": KINDS, "actor_type": ACTOR_TYPES, "certainty": CERTAINTIES}
WORDS = ("actor", "strike", "about")

_COLOURS = {QUOTE: "#f2a900", SPEAKER: "#3a7ca5", CUE: "#6b8e4e"}
_HEADINGS = {
    "stance": "Stance of this actor toward the strike",
    "kind": "In quotation marks: all (direct), a part (mixed), nothing (indirect); empty: found from the text",
    "actor": "Actor: the fullest name in the article; empty: the speaker's words",
    "actor_type": "What the actor is",
    "strike": "Id of the strike; empty: the main one",
    "about": "What it is about, where that is not the strike",
    "certainty": "Certainty: 3 clear, 1 could go either way; empty: 3",
}


def labelling_config() -> str:
    """The interface as XML, to be pasted into a project's settings under Labeling Interface, Code."""
    spans = "\n".join(
        f'    <Label value="{name}" background="{colour}" hotkey="{number}"/>'
        for number, (name, colour) in enumerate(_COLOURS.items(), 1)
    )
    parts = "\n".join(_choices(name) if name in CHOICES else _words(name) for name in _HEADINGS)
    return f"""<View>
  <Style>.htx-text {{ white-space: pre-wrap; }}</Style>
  <Header value="$title"/>
  <Header value="$strikes" size="5"/>
  <Relations>
    <Relation value="{SPEAKER}"/>
    <Relation value="{CUE}"/>
  </Relations>
  <Labels name="{SPANS}" toName="{TEXT}" choice="single">
{spans}
  </Labels>
  <Text name="{TEXT}" value="$text" granularity="symbol" saveTextResult="yes"/>
  <View visibleWhen="region-selected" whenTagName="{SPANS}" whenLabelValue="{QUOTE}">
{parts}
  </View>
  <Header value="The main strike, where none is named above or the name is wrong" size="5"/>
  <TextArea name="{TARGET}" toName="{TEXT}" maxSubmissions="1" editable="true"/>
</View>
"""


def _choices(name: str) -> str:
    choices = "".join(f'<Choice value="{value}"/>' for value in CHOICES[name])
    return (
        f"{_heading(name)}"
        f'    <Choices name="{name}" toName="{TEXT}" perRegion="true" choice="single" showInline="true">'
        f"{choices}</Choices>"
    )


def _words(name: str) -> str:
    return (
        f"{_heading(name)}"
        f'    <TextArea name="{name}" toName="{TEXT}" perRegion="true" maxSubmissions="1" editable="true" rows="1"/>'
    )


def _heading(name: str) -> str:
    return f'    <Header value={quoteattr(_HEADINGS[name])} size="5"/>\n'
