"""The `score` command: an archive through an engine, a shard at a time, to one file or a folder of them."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Literal

from quotestance.model.errors import InputError, ModelError
from quotestance.model.version_folder import current_model
from quotestance.service.archive.ahead import Ahead
from quotestance.service.archive.bad_limit import BadLimit, TooManyBadError
from quotestance.service.archive.engine import Engine, InProcessEngine
from quotestance.service.archive.language import LanguageChoice
from quotestance.service.archive.local_engine import LocalEngine
from quotestance.service.archive.manifest import check_same, manifest_of
from quotestance.service.archive.output_plan import OutputPlan, check_place, inputs_only, plan_output
from quotestance.service.archive.pieces import Counts, Cut, Format, PieceResult, Recipe, Stored, Work
from quotestance.service.archive.records import FIELDS, FieldMap
from quotestance.service.archive.score_progress import Tally, showing
from quotestance.service.archive.sources import Source, find_sources
from quotestance.service.exit_status import DONE, SOME_REFUSED, complain
from quotestance.service.given_targets import check_targets
from quotestance.service.json_text import parse_json
from quotestance.service.loading import load_model
from quotestance.service.progress import rate

_TABLES = ("csv", "tsv", "parquet", "arrow")
_RESULTS_AHEAD = 4  # pieces that wait to be written
_OTHER_INPUT = (
    "the input is not what it was when this output was made ({}): give the same files, or --overwrite to start anew"
)


@dataclass(frozen=True, slots=True)
class ScoreOptions:
    """The command's options, as given. `workers` None: by the machine; 0: in this process."""

    targets: tuple[str, ...] = ()
    model: Path | None = None
    overwrite: bool = False
    columns: tuple[str, ...] = ()
    format: Format | None = None
    shard_size: int = 1_000
    language: LanguageChoice = "en"
    max_bad: str | None = None
    engine: Literal["local", "ray"] = "local"
    workers: int | None = None
    ray_address: str | None = None


def score(inputs: Sequence[str], out: str, options: ScoreOptions) -> int:
    """Score every article of the inputs into OUT; the exit status.

    Raises InputError or ModelError when nothing can be done, TooManyBadError when --max-bad is passed, and OSError when
    the disk is full; in the last two what was done is kept, and the same command goes on.
    """
    check_targets(options.targets)
    sources = find_sources(inputs)
    limit = BadLimit.parse(options.max_bad)
    fields = field_map(options.columns)
    plan = plan_output(out, options.format)
    if plan is None and options.engine == "ray":
        raise InputError("-o -: the Ray engine writes files, since Ray itself writes to standard output")
    if plan is not None:
        sources = inputs_only(sources, plan)
        check_place(plan, options.overwrite)
    if not sources:
        raise InputError(f"no input but the output's own files in {', '.join(inputs)}")
    _check_first_table(sources, fields)
    recipe = Recipe(options.targets, options.language, plan.store.format if plan else "jsonl")
    work = Work(tuple(sources), fields, recipe, _cut(options.shard_size))
    return _to_stdout(work, options, limit) if plan is None else _to_files(work, plan, options, limit)


def field_map(columns: Sequence[str]) -> FieldMap:
    """From `text=body,id=meta.url`. Raises InputError."""
    fields: dict[str, str] = {}
    for pair in (pair for given in columns for pair in given.split(",")):
        field, _, name = (part.strip() for part in pair.partition("="))
        if field not in FIELDS or not name:
            raise InputError(f"--map {pair}: give FIELD=COLUMN, where FIELD is one of {', '.join(FIELDS)}")
        fields[field] = name
    return fields


def _to_files(work: Work, plan: OutputPlan, options: ScoreOptions, limit: BadLimit) -> int:
    store = plan.store
    was_there = store.folder.exists()
    with store.locked(), _tidied(plan, was_there), _engine(options) as engine:
        if options.overwrite:
            store.clear()
        before = store.manifest()
        if before is not None and isinstance(before.get("batch"), int):
            work = replace(work, cut=Cut(work.cut.shard, before["batch"]))
        manifest = manifest_of(work, engine.version)
        if before is not None:
            check_same(before, manifest, plan.name)
            if before.get("complete") and store.is_whole(before["shards"]):
                _check_stdin(engine, replace(work, folder=store.work), store, before["shards"])
                counts = Counts(**before["counts"])
                plan.put_in_place(before["shards"], refused=counts.refused > 0)  # where a run broke off just before
                return _already_done(plan, counts)
            complain(f"{plan.name}: going on with an earlier run")
        store.begin(manifest)
        tally, shards = Tally(), 0
        with showing(tally) as show, _results(engine, replace(work, folder=store.work), store) as results:
            for result in results:
                store.add(result)
                tally.add(result)
                shards = result.shard + 1
                show.update()
                _check_limit(limit, tally.counts, plan, shards)
            _check_limit(limit, tally.counts, plan, shards, at_end=True)
        if not tally.counts.records:
            raise _no_article(work)
        if store.shard(shards) or store.piece(shards, 0):
            raise InputError(_OTHER_INPUT.format("it ends earlier"))
        store.finish(manifest, shards, tally.counts)
        plan.put_in_place(shards, refused=tally.counts.refused > 0)
        return _summary(tally, str(plan.rejected))


def _check_stdin(engine: Engine, work: Work, store: Stored, shards: int) -> None:
    """Standard input has neither name nor size to compare: it is read, and compared with what the shards were made of.

    Raises InputError where it is not the same.
    """
    if all(source.path for source in work.sources):
        return
    read = 0
    with _results(engine, work, store) as results:
        for result in results:
            if not result.stored:
                raise InputError(_OTHER_INPUT.format("it goes on after its end"))
            read = result.shard + 1
    if read != shards:
        raise InputError(_OTHER_INPUT.format("it ends earlier"))


def _to_stdout(work: Work, options: ScoreOptions, limit: BadLimit) -> int:
    tally = Tally()
    with _engine(options) as engine, showing(tally) as show, _results(engine, work, None) as results:
        for result in results:
            for payload in result.payloads:
                sys.stdout.buffer.write(payload)
            sys.stdout.buffer.flush()
            for line in result.quarantine.splitlines():
                _complain_of(parse_json(line.decode("utf-8")))
            tally.add(result)
            show.update()
            limit.check(tally.counts, "the lines above")
        limit.check(tally.counts, "the lines above", at_end=True)
    if not tally.counts.records:
        raise _no_article(work)
    return _summary(tally, "listed above")


@contextmanager
def _engine(options: ScoreOptions) -> Iterator[Engine]:
    # resolved once: of a folder of versions, every worker loads the same, whatever is promoted meanwhile; and whole,
    # since a cluster's workers stand in other folders
    load = partial(load_model, None if options.model is None else current_model(options.model).absolute())
    engine: Engine
    if options.engine == "ray":
        from quotestance.service.archive.ray_engine import RayEngine

        engine = RayEngine(load, options.ray_address, options.workers)
    elif options.workers == 0:
        engine = InProcessEngine(load)
    else:
        engine = LocalEngine(load, options.workers)
    with closing(engine):
        yield engine


@contextmanager
def _results(engine: Engine, work: Work, stored: Stored | None) -> Iterator[Ahead[PieceResult]]:
    """The engine's results, which it goes on making while one is written."""
    with closing(Ahead(engine.run(work, stored), _RESULTS_AHEAD)) as results:
        yield results


@contextmanager
def _tidied(plan: OutputPlan, was_there: bool) -> Iterator[None]:
    """Of a run that breaks off, say what is kept; where nothing was done, leave nothing of this run."""
    # then the shards may be an earlier run's, which has cost days
    begun = plan.store.manifest_path.exists() or plan.store.has_results
    try:
        yield
    except BaseException as error:
        if plan.store.is_empty and begun:
            plan.store.remove_empty_work()
        elif plan.store.is_empty:
            plan.store.remove(even_folder=not was_there)
        elif not plan.store.manifest_path.exists():
            pass  # all was in place already
        elif isinstance(error, KeyboardInterrupt | OSError | ModelError | TooManyBadError):
            again = "the same command goes on from there, without --overwrite"
            complain(f"what was done is kept in {plan.store.folder}; {again}")
        raise


def _check_limit(limit: BadLimit, counts: Counts, plan: OutputPlan, shards: int, at_end: bool = False) -> None:
    try:
        limit.check(counts, str(plan.store.quarantine), at_end)
    except TooManyBadError:
        plan.store.write_quarantine(shards)
        raise


def _check_first_table(sources: Sequence[Source], fields: FieldMap) -> None:
    """A wrong column is best said at once; a file that cannot be read is said of when its turn comes."""
    table = next((source for source in sources if source.kind in _TABLES), None)
    if table is None:
        return
    import pyarrow as pa

    from quotestance.service.archive.tables import check_columns, columns_of

    try:
        columns = columns_of(table)
    except (InputError, OSError, pa.ArrowException):
        return
    check_columns(table, columns, fields)


def _cut(shard_size: int) -> Cut:
    return Cut(shard_size, min(Cut().piece, shard_size))


def _already_done(plan: OutputPlan, counts: Counts) -> int:
    refused = f", {counts.refused:,} refused ({plan.rejected})" if counts.refused else ""
    complain(f"{plan.name}: is complete already: {counts.articles:,} articles{refused}; --overwrite scores them anew")
    return SOME_REFUSED if counts.refused else DONE


def _summary(tally: Tally, place: str) -> int:
    counts = tally.counts
    parts = [f"{counts.articles:,} articles", f"{counts.statements:,} statements"]
    parts.append(f"{rate(tally.done_now, tally.seconds)} articles/s")
    if counts.other_language:
        parts.append(f"{counts.other_language:,} not English (listed, not scored)")
    if counts.refused:
        repeats = f", {counts.repeats:,} of them repeats" if counts.repeats else ""
        parts.append(f"{counts.refused:,} refused ({place}){repeats}")
    complain(", ".join(parts))
    return SOME_REFUSED if counts.refused else DONE


def _complain_of(refused: dict[str, Any]) -> None:
    where = refused["source"] if refused["line"] is None else f"{refused['source']}, line {refused['line']}"
    complain(f"refused {where}: {refused['reason']}")


def _no_article(work: Work) -> InputError:
    names = [source.name for source in work.sources]
    more = f" and {len(names) - 10:,} more" if len(names) > 10 else ""
    return InputError(f"no article in {', '.join(names[:10])}{more}")
