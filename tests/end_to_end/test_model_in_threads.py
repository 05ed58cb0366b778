"""The real model asked by several threads at once gives what it gives to one."""

from concurrent.futures import ThreadPoolExecutor

import pytest

TEXTS = [
    f"Norvania bombed a depot near Halle on {day}. “We had no choice,” defence minister Ana Brandt said. "
    f"Sudmark’s government condemned the strike as a crime, and {number} people were killed, according to medics."
    for number, day in enumerate(["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"], 1)
]


def facts(reading):
    return [(s.quote, s.actor and s.actor.name, s.stance.label, s.stance.probabilities) for s in reading.statements]


def test_readings_and_stances_are_the_same_in_four_threads(model):
    rows = [{"text": text, "actor": "Sudmark", "target": "the strike on a depot near Halle"} for text in TEXTS]
    alone = [(facts(model.read(text)), model.stance([row])) for text, row in zip(TEXTS, rows, strict=True)]
    with ThreadPoolExecutor(4) as pool:
        jobs = [
            (i, pool.submit(lambda i=i: (facts(model.read(TEXTS[i])), model.stance([rows[i]]))))
            for _ in range(5)
            for i in range(len(TEXTS))
        ]
        for i, job in jobs:
            (statements, stances), (expected, expected_stances) = job.result(120), alone[i]
            assert [s[:3] for s in statements] == [s[:3] for s in expected]
            for one, other in zip(statements, expected, strict=True):
                assert one[3] == pytest.approx(other[3], abs=1e-4)
            assert stances[0].probabilities == pytest.approx(expected_stances[0].probabilities, abs=1e-4)
