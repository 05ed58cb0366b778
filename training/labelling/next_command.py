"""`quotestance labels next`: the articles most worth labelling, with the model's statements to correct."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any, Literal

from quotestance.model.errors import InputError
from quotestance.service.archive.records import BadRecord
from quotestance.service.atomic_output import Rejects, checked_place, output
from quotestance.service.exit_status import DONE, SOME_REFUSED, complain
from quotestance.service.json_text import json_line
from quotestance.service.loading import load_model
from quotestance.service.progress import progress
from quotestance.training.label_lines import LabelLine
from quotestance.training.labelling.candidates import Candidate, candidates
from quotestance.training.labelling.doccano_documents import document
from quotestance.training.labelling.export_command import checked_config_place, write_config, write_tasks
from quotestance.training.labelling.foreign_files import items_of
from quotestance.training.labelling.label_studio_tasks import task
from quotestance.training.labelling.marked import PREDICTED_BY
from quotestance.training.labelling.near_duplicates import near_duplicates
from quotestance.training.labelling.worth_labelling import pick, semantic_vectors

Target = Literal["label-studio", "doccano", "labels"]


def run(
    archive: Sequence[str],
    out: str,
    count: int,
    form: Target | None = None,
    exclude: Sequence[Path] = (),
    model_dir: Path | None = None,
    config_out: str | None = None,
    overwrite: bool = False,
) -> int:
    """Write the `count` articles most worth labelling to OUT; the exit status (1 when an article was refused).

    Raises InputError or ModelError when nothing can be written.
    """
    chosen: Target = form or ("label-studio" if out.lower().endswith(".json") else "labels")
    place = checked_place(out, [*map(Path, archive), *exclude], overwrite)
    config_place = checked_config_place(chosen, out, config_out, overwrite)
    labelled = [text for path in exclude for text in _texts(path)]
    found: list[Candidate] = []
    without = 0
    with Rejects(place) as rejects, output(place) as stream:
        with progress("articles") as advance:
            for item in candidates(archive, lambda: load_model(model_dir), advance):
                if isinstance(item, BadRecord):
                    rejects.add(item)
                elif item is None:
                    without += 1
                else:
                    found.append(item)
        fresh = _without_known(found, labelled)
        if not fresh:
            raise InputError(
                f"{', '.join(archive)}: no article left to label: {without} without a strike, "
                f"{len(found)} labelled already, {rejects.count} refused"
            )
        texts = [candidate.line["text"] for candidate in fresh]
        vectors = semantic_vectors([*texts, *labelled])
        order = pick([c.uncertainty for c in fresh], vectors[: len(fresh)], vectors[len(fresh) :], count)
        _write(stream, [fresh[i].line for i in order], chosen)
    write_config(config_out, config_place)
    refused = f", {rejects.count:,} refused ({rejects.place})" if rejects.count else ""
    complain(
        f"{len(order):,} of {len(fresh):,} articles; passed over: {without:,} without a strike, "
        f"{len(found) - len(fresh):,} labelled already or nearly the same as another{refused}"
    )
    return SOME_REFUSED if rejects.count else DONE


def _without_known(found: Sequence[Candidate], labelled: Sequence[str]) -> list[Candidate]:
    """The candidates that are neither labelled, nor nearly what is labelled or stands earlier."""
    texts = [*labelled, *(candidate.line["text"] for candidate in found)]
    known = {pair.second for pair in near_duplicates(texts)}
    return [candidate for i, candidate in enumerate(found, len(labelled)) if i not in known]


def _texts(path: Path) -> list[str]:
    """The texts in a label file, or in what was sent to or came from a labelling tool."""
    objects = [item.fields for item in items_of(path, None, {}) if isinstance(item, LabelLine)]
    texts = [o["data"].get("text") if isinstance(o.get("data"), dict) else o.get("text") for o in objects]
    found = [text for text in texts if isinstance(text, str) and text.strip()]
    if not found:
        raise InputError(f"{path}: holds no labelled text")
    return found


def _write(stream: IO[bytes], lines: Sequence[Mapping[str, Any]], form: Target) -> None:
    if form == "label-studio":
        write_tasks(stream, (task(line, model=line[PREDICTED_BY]) for line in lines))
        return
    for line in lines:
        stream.write(json_line(document(line) if form == "doccano" else line))
