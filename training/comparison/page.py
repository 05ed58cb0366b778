"""The comparison as one self-contained page: every value escaped, no script, nothing asked of another host."""

import base64
import hashlib
from collections.abc import Sequence
from typing import Any

from jinja2 import Environment
from markupsafe import Markup

from quotestance.training.comparison.chart import bars_of, svg
from quotestance.training.comparison.compare import Comparison, Flip

MOST_EXAMPLES = 200  # of each kind in the page; the file of flips has all
_CONTEXT = 160  # characters around a quote

_STYLE = """
:root { color-scheme: light dark; --text: #1c1e21; --soft: #5c6370; --line: #d5d9e0; --page: #fff; --panel: #f6f7f9;
  --up: #1a7f4b; --down: #b3261e; }
@media (prefers-color-scheme: dark) { :root { --text: #e6e8eb; --soft: #9aa3af; --line: #3a3f47; --page: #16181c;
  --panel: #1f2228; --up: #4cc38a; --down: #ff7b72; } }
body { font: 16px/1.5 system-ui, sans-serif; color: var(--text); background: var(--page); max-width: 62rem;
  margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin-top: 2rem; }
table { border-collapse: collapse; width: 100%; } th, td { text-align: left; padding: .3rem .6rem;
  border-bottom: 1px solid var(--line); vertical-align: top; } td.n, th.n { text-align: right;
  font-variant-numeric: tabular-nums; }
.verdict { background: var(--panel); border-left: 4px solid var(--soft); padding: .6rem 1rem; overflow-wrap: anywhere; }
.verdict.up { border-color: var(--up); } .verdict.down { border-color: var(--down); }
svg { width: 100%; height: auto; font-size: 12px; } svg text { fill: var(--text); } svg .tick { fill: var(--soft); }
svg line { stroke: var(--soft); stroke-width: 2; } svg circle { fill: var(--soft); } svg .zero { stroke-width: 1; }
svg .up line { stroke: var(--up); } svg .up circle { fill: var(--up); }
svg .down line { stroke: var(--down); } svg .down circle { fill: var(--down); }
article { border-bottom: 1px solid var(--line); padding: .6rem 0; overflow-wrap: anywhere; }
article p { margin: .2rem 0; } .soft { color: var(--soft); font-size: .9rem; }
mark { background: none; font-weight: 600; color: inherit; }
"""

_TEMPLATE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{{ policy }}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{ f.old.name }} against {{ f.new.name }}: {{ f.verdict }}</title>
<style>{{ style }}</style>
</head>
<body>
<h1>Is {{ f.new.name }} better than {{ f.old.name }}?</h1>
<p class="verdict {{ leaning }}"><strong>{{ f.verdict }}</strong>: {{ f.in_words }}</p>
<p>{{ f.statements }} statements of {{ f.articles }} articles in {{ f.labels | join(", ") }}.
{% if f.left_out %}{{ f.left_out }} articles were left out: one of the models was trained on them.{% endif %}</p>
<table>
<tr><th></th><th>version</th><th class="n">macro-F1</th><th class="n">accuracy</th><th class="n">calibration error</th>
<th class="n">statements/s</th><th class="n">MiB</th></tr>
{% for side in (f.old, f.new) %}
<tr><td>{{ side.name }}</td><td>{{ side.version }}</td><td class="n">{{ "%.3f" % side.macro_f1 }}</td>
<td class="n">{{ "%.3f" % side.accuracy }}</td><td class="n">{{ "%.3f" % side.calibration_error }}</td>
<td class="n">{{ "%.1f" % side.statements_per_second if side.statements_per_second else "–" }}</td>
<td class="n">{{ "%.1f" % (side.bytes / 1048576) }}</td></tr>
{% endfor %}
</table>
<h2>Differences</h2>
<p class="soft">New minus old in points, with 95 % intervals by article; the number of statements in brackets.
McNemar's exact test on the stances: {{ f.mcnemar.wrong_to_right }} put right, {{ f.mcnemar.right_to_wrong }} spoilt,
p = {{ "%.3g" % f.mcnemar.p }}.</p>
{{ chart }}
{% for title, flips in (("Right before, wrong now", lost), ("Wrong before, right now", won)) %}
<h2>{{ title }} ({{ flips | length }})</h2>
{% for e in flips[:most] %}
<article>
<p>…{{ e.before }}<mark>{{ e.quote }}</mark>{{ e.after }}…</p>
<p class="soft">{{ e.actor }} on {{ e.target }}: labelled {{ e.labelled }},
was {{ e.old }} ({{ "%.2f" % e.old_confidence }}), now {{ e.new }} ({{ "%.2f" % e.new_confidence }}).
{{ e.doc_id }}{% if e.source %}, {{ e.source }}{% endif %}</p>
</article>
{% else %}<p>None.</p>
{% endfor %}
{% if flips | length > most %}<p>{{ flips | length - most }} more are in the file of flips.</p>{% endif %}
{% endfor %}
</body>
</html>
"""


def page(comparison: Comparison) -> str:
    """The page's HTML."""
    environment = Environment(autoescape=True)
    digest = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    html = environment.from_string(_TEMPLATE).render(
        f=comparison.figures,
        policy=policy,
        style=Markup(_STYLE),  # noqa: S704  # our own text, and the policy holds its hash
        chart=svg(bars_of(comparison.figures)),
        lost=_examples([flip for flip in comparison.flips if not flip.won]),
        won=_examples([flip for flip in comparison.flips if flip.won]),
        leaning={"better": "up", "worse": "down"}.get(comparison.verdict, ""),
        most=MOST_EXAMPLES,
    )
    return html.encode("utf-8", "replace").decode("utf-8")


def example(flip: Flip) -> dict[str, Any]:
    """A flip as a JSON object."""
    s = flip.statement
    return {
        "flip": "wrong to right" if flip.won else "right to wrong",
        "doc_id": s.doc_id,
        "source": flip.source,
        "actor": s.actor,
        "target": s.target,
        "labelled": s.stance,
        "old": flip.old,
        "new": flip.new,
        "old_confidence": round(flip.old_confidence, 4),
        "new_confidence": round(flip.new_confidence, 4),
        "quote": s.quote.of(s.text),
    }


def _examples(flips: Sequence[Flip]) -> list[dict[str, Any]]:
    """The surest calls first: they are the most telling."""
    rows = sorted(flips, key=lambda f: -(f.new_confidence if not f.won else f.old_confidence))
    return [
        example(f)
        | {
            "before": f.statement.text[max(0, f.statement.quote.start - _CONTEXT) : f.statement.quote.start],
            "after": f.statement.text[f.statement.quote.end : f.statement.quote.end + _CONTEXT],
        }
        for f in rows
    ]
