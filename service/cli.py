"""The command line: each command here only parses, and calls the module that does the work."""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from quotestance.service.exit_status import DONE, UNUSABLE, complain, status_of
from quotestance.service.label_commands import labels_app
from quotestance.service.quick_imports import quick_imports
from quotestance.service.report.options import MIN_STATEMENTS, TOP, ReportOptions

app = typer.Typer(
    name="quotestance",
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="""Who stood where on a military strike: statements, the actors behind them, and their stance.

    \b
    quotestance read article.txt              one article, marked and tabled
    quotestance score archive.jsonl -o scored.jsonl
    cat article.txt | quotestance read - --json | jq .actors

    Results go to the file or to standard output, everything else to standard error. Exit status: 0 done; 1 done,
    but some input was refused (and where it was put); 2 unusable input or arguments.
    """,
)

app.add_typer(labels_app)
feedback_app = typer.Typer(help="Corrections by users of the service.")
app.add_typer(feedback_app, name="feedback")


@feedback_app.callback(invoke_without_command=True)
def _feedback(context: typer.Context) -> None:
    if context.invoked_subcommand is None:
        print(context.get_help())


ModelOption = Annotated[
    Path | None, typer.Option("--model", metavar="DIR", help="A trained model; without it, the one that ships.")
]
TargetOption = Annotated[
    list[str] | None,
    typer.Option(
        "--target",
        metavar="TEXT",
        help="What the stances are about, e.g. 'air strikes on the port'; may be given several times. "
        "Without it, each article's main strike is found in its headline and lead.",
    ),
]
OverwriteOption = Annotated[bool, typer.Option("--overwrite", help="Replace OUT where it is there already.")]
MarginOption = Annotated[
    float, typer.Option("--margin", metavar="POINTS", help="Of macro-F1: what `no worse` may lose.")
]
Labels = Annotated[list[Path], typer.Argument(metavar="LABELS", help="Label files, .jsonl.")]


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import PackageNotFoundError, version

        try:
            print(f"quotestance {version('quotestance')}")
        except PackageNotFoundError:
            print("quotestance, not installed: run from its source")
        raise typer.Exit(DONE)


@app.callback(invoke_without_command=True)
def _options(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and leave.")
    ] = False,
) -> None:
    if context.invoked_subcommand is None:
        print(context.get_help())


@app.command()
def read(
    file: Annotated[str, typer.Argument(metavar="FILE", help=".json, .jsonl with one article, or text; - for stdin.")],
    target: TargetOption = None,
    title: Annotated[str | None, typer.Option("--title", metavar="TEXT", help="The article's headline.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the JSON object instead.")] = False,
    model: ModelOption = None,
) -> None:
    """One article: its quotes marked by stance, its actors.

    JSON input is an object with `text` and, where known, `id`, `title`, `date`, `source`, `url`, `target`.
    """
    from quotestance.service import read_one

    _leave(lambda: read_one.read(file, title, target or [], json, model))


@app.command()
def score(
    inputs: Annotated[
        list[str],
        typer.Argument(
            metavar="IN",
            help=".jsonl, .json, .csv, .tsv, .txt (each also .gz or .zst), .parquet, folders of them, saved "
            "`datasets`, globs; - for JSON lines from stdin.",
        ),
    ],
    out: Annotated[
        str,
        typer.Option(
            "-o",
            "--out",
            metavar="OUT",
            help="A .jsonl, .jsonl.gz, .jsonl.zst or .parquet file, a folder of shards, or - for stdout.",
        ),
    ],
    target: TargetOption = None,
    columns: Annotated[
        list[str] | None,
        typer.Option(
            "--map", metavar="FIELD=COLUMN,…", help="What our fields are called there: text=body,id=meta.url."
        ),
    ] = None,
    format: Annotated[
        str | None,
        typer.Option(
            "--format", metavar="NAME", help="Of a folder's shards: parquet (default), jsonl, jsonl.gz, jsonl.zst."
        ),
    ] = None,
    shard_size: Annotated[
        int, typer.Option("--shard-size", metavar="N", min=1, help="Records of the input in a shard.")
    ] = 1_000,
    language: Annotated[
        Literal["en", "any"],
        typer.Option(
            "--language", help="en: articles in another language are listed, not scored; any: all are scored."
        ),
    ] = "en",
    max_bad: Annotated[
        str | None, typer.Option("--max-bad", metavar="N|P%", help="Stop when more records than this are bad.")
    ] = None,
    engine: Annotated[
        Literal["local", "ray"], typer.Option("--engine", help="This machine, or a Ray cluster (the ray extra).")
    ] = "local",
    workers: Annotated[
        int | None,
        typer.Option(
            "--workers",
            metavar="N",
            min=0,
            help="Processes, each with a model; default: one for every core, fewer where memory is short, one "
            "where there is a GPU; 0: read in this process.",
        ),
    ] = None,
    ray_address: Annotated[
        str | None,
        typer.Option("--ray-address", metavar="HOST:PORT", help="A running cluster; else one is started here."),
    ] = None,
    resume: Annotated[
        bool,
        typer.Option("--resume", help="Go on with a run that was stopped: what happens anyway where OUT was begun."),
    ] = False,
    overwrite: OverwriteOption = False,
    model: ModelOption = None,
) -> None:
    """An archive: every article scored, in the order of the input.

    A record that cannot be used goes to OUT's name with .rejected.jsonl, or the folder's quarantine.jsonl (source,
    line, reason, the record itself), and the rest goes on. An article's own `target` goes before --target. A single
    OUT appears only once it is complete. A run that was stopped, by whatever, goes on with the same command.
    """
    from quotestance.service.archive import score_command

    if ray_address is not None and engine != "ray":
        raise typer.BadParameter("--ray-address goes with --engine ray")
    if resume and overwrite:
        raise typer.BadParameter("--resume and --overwrite exclude each other")
    options = score_command.ScoreOptions(
        targets=tuple(target or ()),
        model=model,
        overwrite=overwrite,
        columns=tuple(columns or ()),
        format=format,
        shard_size=shard_size,
        language=language,
        max_bad=max_bad,
        engine=engine,
        workers=workers,
        ray_address=ray_address,
    )
    _leave(lambda: score_command.score(inputs, out, options))


@app.command()
def stance(
    inputs: Annotated[list[str], typer.Argument(metavar="IN", help=".jsonl, .jsonl.gz, .json; - for stdin.")],
    out: Annotated[str, typer.Option("-o", "--out", metavar="OUT", help="A .jsonl file, or - for stdout.")],
    overwrite: OverwriteOption = False,
    model: ModelOption = None,
) -> None:
    """The stance of rows whose actor and target are known.

    Each row is an object with `text`, `actor`, `target` and, where known, `id` and `quote` (a part of `text`).
    """
    from quotestance.service import stance_rows

    _leave(lambda: stance_rows.stance(inputs, out, model, overwrite))


@app.command()
def train(
    labels: Labels,
    out: Annotated[Path, typer.Option("-o", "--out", metavar="DIR", help="Where the trained model goes.")],
    part: Annotated[
        str, typer.Option("--part", metavar="PART", help="scorer, reader or both; a reader needs whole articles.")
    ] = "scorer",
    test: Annotated[
        list[Path] | None,
        typer.Option(
            "--test", metavar="FILE", help="Labels for the figures; else a fifth. May be given several times."
        ),
    ] = None,
    validation: Annotated[
        list[Path] | None,
        typer.Option(
            "--validation",
            metavar="FILE",
            help="Labels to stop and calibrate by; else 15 in 100. May be given several times.",
        ),
    ] = None,
    base: Annotated[
        str | None,
        typer.Option(
            "--base", metavar="NAME_OR_PATH", help="Start from this model or encoder; else the shipped model."
        ),
    ] = None,
    revision: Annotated[
        str | None,
        typer.Option("--base-revision", "--revision", metavar="ID", help="The revision of a base from the hub."),
    ] = None,
    lora: Annotated[
        bool, typer.Option("--lora/--full", help="Train low-rank adapters and merge them, or all layers.")
    ] = False,
    replay: Annotated[
        float | None,
        typer.Option("--replay", metavar="SHARE", help="Share of passages of our own among what is learnt from: 0.5."),
    ] = None,
    class_weights: Annotated[
        str | None, typer.Option("--class-weights", metavar="HOW", help="none, or balanced over the stances.")
    ] = None,
    epochs: Annotated[
        int | None, typer.Option("--epochs", metavar="N", min=1, help="Passes over the labels at most.")
    ] = None,
    patience: Annotated[
        int | None, typer.Option("--patience", metavar="N", min=1, help="Passes without gain before it stops: 2.")
    ] = None,
    lr: Annotated[
        float | None, typer.Option("--lr", metavar="RATE", min=0.0, help="The highest learning rate.")
    ] = None,
    batch_size: Annotated[
        int | None, typer.Option("--batch-size", metavar="N", min=1, help="Passages in a step.")
    ] = None,
    seed: Annotated[
        int | None, typer.Option("--seed", metavar="N", help="The same seed and labels give the same model.")
    ] = None,
    threads: Annotated[
        int | None, typer.Option("--threads", metavar="N", min=1, help="Of the arithmetic; others round differently.")
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume/--fresh", help="Go on with an interrupted run in DIR, or throw it away.")
    ] = True,
) -> None:
    """Retrain on labelled articles or rows.

    A label file holds annotated articles, or rows `text, actor, target, stance[, quote]`, one a line. DIR gets the
    weights, their calibration, a model card, a record of data and settings, and figures before and after. The same
    command goes on after an interruption."""
    from quotestance.service import training_commands

    if revision is not None and base is None:
        raise typer.BadParameter("--base-revision goes with --base")
    if class_weights is not None and part == "reader":
        raise typer.BadParameter("--class-weights is for the scorer")
    _leave(
        lambda: training_commands.train(
            labels,
            out,
            part=part,
            test=test or [],
            validation=validation or [],
            base=base,
            revision=revision,
            low_rank=lora,
            replay=replay,
            class_weights=class_weights,
            epochs=epochs,
            patience=patience,
            lr=lr,
            batch_size=batch_size,
            seed=seed,
            threads=threads,
            resume=resume,
        )
    )


@app.command()
def compare(
    old: Annotated[str, typer.Argument(metavar="OLD", help="shipped, a model folder, or a folder of versions.")],
    new: Annotated[str, typer.Argument(metavar="NEW", help="The same.")],
    labels: Labels,
    margin: MarginOption = 1.0,
    out: Annotated[
        Path | None,
        typer.Option("-o", "--out", metavar="DIR", help="Where a page with the examples that flipped goes."),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,
) -> None:
    """Is NEW better than OLD, and how sure is that.

    Both are measured on the same labelled articles, without those that one of them was trained on. The verdict is
    better, no worse, worse, or can't tell, which comes with the number of labels that would tell."""
    from quotestance.service import training_commands

    _leave(lambda: training_commands.compare(old, new, labels, margin=margin, json_output=json, out=out))


@app.command()
def promote(
    folder: Annotated[
        list[str] | None, typer.Argument(metavar="DIR", help="A model folder, or shipped.", show_default=False)
    ] = None,
    to: Annotated[
        Path | None,
        typer.Option(
            "--to",
            metavar="VERSIONS",
            help="The folder of versions; else QUOTESTANCE_MODELS, or .local/share/quotestance/models at home.",
        ),
    ] = None,
    labels: Annotated[
        list[Path] | None,
        typer.Option("--labels", metavar="LABELS", help="Compare on these; else on the test labels of its training."),
    ] = None,
    margin: MarginOption = 1.0,
    force: Annotated[bool, typer.Option("--force", help="Promote a worse model too; the log says so.")] = False,
    rollback: Annotated[bool, typer.Option("--rollback", help="Go back to what was in service before.")] = False,
    listed: Annotated[bool, typer.Option("--list", help="List the versions.")] = False,
) -> None:
    """Put a trained model in service: into a folder of versions that a service started with --model VERSIONS follows.

    It is compared with the one in service; a worse one is refused, with exit status 1."""
    from quotestance.service import training_commands

    _leave(
        lambda: training_commands.promote(folder or [], to, labels or [], rollback, listed, margin=margin, force=force)
    )


@app.command()
def evaluate(
    labels: Labels,
    model: ModelOption = None,
    out: Annotated[
        Path | None, typer.Option("-o", "--out", metavar="DIR", help="Where the figures and pictures go.")
    ] = None,
    fit: Annotated[
        list[Path] | None,
        typer.Option("--fit", metavar="LABELS", help="What the baselines learn from; else the passages that ship."),
    ] = None,
    reader: Annotated[
        bool,
        typer.Option("--reader", help="Measure who says what, not the stances; attribution files may be given too."),
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,
) -> None:
    """Measure a model on labelled articles, beside baselines."""
    from quotestance.service import training_commands

    if reader:
        if fit:
            raise typer.BadParameter("--fit goes without --reader, which has no such baselines")
        _leave(lambda: training_commands.evaluate_reader(labels, model, out, json))
    _leave(lambda: training_commands.evaluate(labels, model, out, json, fit or []))


@app.command()
def report(
    scored: Annotated[
        Path,
        typer.Argument(metavar="SCORED", help="What `score` wrote: a folder of shards, .parquet, .jsonl or .jsonl.gz."),
    ],
    out: Annotated[str, typer.Option("-o", "--out", metavar="OUT", help="An .html file, or - for stdout.")],
    target: Annotated[
        str | None,
        typer.Option(
            "--target",
            metavar="WORDS",
            help="Only stances toward targets whose description holds these words; without it, each article's first.",
        ),
    ] = None,
    include_abstained: Annotated[
        bool, typer.Option("--include-abstained", help="Count the likeliest stance where the model abstained, too.")
    ] = False,
    min_statements: Annotated[
        int, typer.Option("--min-statements", metavar="N", min=1, help="Of an actor or outlet that is shown.")
    ] = MIN_STATEMENTS,
    top: Annotated[
        int,
        typer.Option(
            "--top", metavar="N", min=1, max=200, help="Actors and outlets shown, those with most statements."
        ),
    ] = TOP,
    aliases: Annotated[
        Path | None,
        typer.Option(
            "--aliases", metavar="FILE", help="CSV `alias,actor`: names to count as one, whatever their type."
        ),
    ] = None,
    overwrite: OverwriteOption = False,
) -> None:
    """A scored archive as one HTML page: who stood where, over time and by outlet.

    The page asks no other host and runs no script. Needs the `report` extra.
    """
    from quotestance.service.report import report_command

    options = ReportOptions(target, include_abstained, min_statements, top, aliases)
    _leave(lambda: report_command.report(scored, out, options, overwrite))


@app.command()
def serve(
    config: Annotated[
        Path | None, typer.Option("--config", metavar="FILE", help="Settings in TOML; also QUOTESTANCE_CONFIG.")
    ] = None,
    host: Annotated[str | None, typer.Option("--host", metavar="ADDRESS", help="Default: 127.0.0.1.")] = None,
    port: Annotated[int | None, typer.Option("--port", metavar="N", help="Default: 8000; 0 for any.")] = None,
    model: ModelOption = None,
    keys_file: Annotated[
        Path | None, typer.Option("--keys-file", metavar="FILE", help="API keys, one a line; also QUOTESTANCE_KEYS.")
    ] = None,
    threads: Annotated[
        int | None, typer.Option("--threads", metavar="N", help="Of the model's arithmetic; default: all cores.")
    ] = None,
    queue_items: Annotated[int | None, typer.Option("--queue-items", metavar="N", help="Items that may wait.")] = None,
    queue_tokens: Annotated[
        int | None, typer.Option("--queue-tokens", metavar="N", help="Estimated tokens that may wait.")
    ] = None,
    batch_tokens: Annotated[
        int | None, typer.Option("--batch-tokens", metavar="N", help="Estimated tokens of a batch.")
    ] = None,
    linger_ms: Annotated[
        float | None, typer.Option("--linger-ms", metavar="X", help="How long a batch waits to fill, in milliseconds.")
    ] = None,
    max_body_bytes: Annotated[
        int | None, typer.Option("--max-body-bytes", metavar="N", help="Bytes of a request.")
    ] = None,
    receiving_bytes: Annotated[
        int | None, typer.Option("--receiving-bytes", metavar="N", help="Bytes of all requests that are coming in.")
    ] = None,
    max_items: Annotated[
        int | None, typer.Option("--max-items", metavar="N", help="Articles or inputs of a request.")
    ] = None,
    max_characters: Annotated[
        int | None, typer.Option("--max-characters", metavar="N", help="Characters of an article or input.")
    ] = None,
    max_targets: Annotated[
        int | None, typer.Option("--max-targets", metavar="N", help="Targets of an article.")
    ] = None,
    max_connections: Annotated[
        int | None, typer.Option("--max-connections", metavar="N", help="Connections at once.")
    ] = None,
    header_seconds: Annotated[
        float | None, typer.Option("--header-seconds", metavar="X", help="For a request's head to come.")
    ] = None,
    body_seconds: Annotated[
        float | None, typer.Option("--body-seconds", metavar="X", help="For a request's body to come.")
    ] = None,
    keep_alive_seconds: Annotated[
        float | None, typer.Option("--keep-alive-seconds", metavar="X", help="An idle connection is kept this long.")
    ] = None,
    deadline_seconds: Annotated[
        float | None, typer.Option("--deadline-seconds", metavar="X", help="For a whole request.")
    ] = None,
    drain_seconds: Annotated[
        float | None,
        typer.Option("--drain-seconds", metavar="X", help="To finish what was accepted, once asked to stop."),
    ] = None,
    feedback: Annotated[
        str | None,
        typer.Option("--feedback", metavar="PATH|URL|off", help="Where corrections are kept; a file, or PostgreSQL."),
    ] = None,
    stall_seconds: Annotated[
        float | None,
        typer.Option("--stall-seconds", metavar="X", help="After which one batch makes the service not ready."),
    ] = None,
    poll_seconds: Annotated[
        float | None,
        typer.Option("--poll-seconds", metavar="X", help="How often the versions' pointer and the keys are looked at."),
    ] = None,
) -> None:
    """The HTTP service, until SIGTERM or Ctrl-C.

    Every flag can be given as a variable too, and in the file: --max-items is QUOTESTANCE_MAX_ITEMS and `max_items`.
    A flag goes before the variable, that before the file. SIGHUP reads the model and the keys again. Needs the
    `serve` extra.
    """
    flags = dict(locals())
    _leave(lambda: _serve(flags))


@feedback_app.command("export")
def feedback_export(
    out: Annotated[str, typer.Option("-o", "--out", metavar="OUT", help="A .jsonl file, or - for stdout.")],
    database: Annotated[
        str | None,
        typer.Option("--database", metavar="PATH|URL", help="Default: QUOTESTANCE_FEEDBACK, or the service's own."),
    ] = None,
    form: Annotated[
        str, typer.Option("--format", metavar="articles|rows", help="An article a line, or a row for each correction.")
    ] = "articles",
    since: Annotated[
        str | None, typer.Option("--since", metavar="TIME", help="Only what came then or later, e.g. 2026-03-01.")
    ] = None,
    version: Annotated[
        str | None, typer.Option("--model-version", metavar="VERSION", help="Only corrections of this model version.")
    ] = None,
    overwrite: OverwriteOption = False,
) -> None:
    """The corrections in force, as labels for `quotestance train`.

    What a later correction of the same statement overtook, and what was said to be no statement, is left out.
    """

    def run() -> int:
        from quotestance.service.feedback import export_command

        return export_command.export(database, out, form, since, version, overwrite)

    _leave(run)


def _serve(flags: dict[str, Any]) -> int:
    # inside the action, because the import says in one line which extra is missing
    with quick_imports():
        from quotestance.service.http import serve_command

    return serve_command.serve(flags, flags["config"])


def _leave(action: Callable[[], int]) -> None:
    raise typer.Exit(status_of(action))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; the exit status. Wrong usage is one line on stderr, like every other error."""
    return status_of(lambda: _run(arguments))


def _run(arguments: Sequence[str] | None) -> int:
    try:
        status = app(args=arguments, prog_name="quotestance", standalone_mode=False)
    except SystemExit as error:
        # typer and rich make exit status 1 of a closed pipe; 1 means something else here
        if isinstance(error.__context__, BrokenPipeError):
            raise error.__context__ from None
        raise
    except Exception as error:
        # typer's usage errors come from the click it bundles, or from click itself, by its version
        format_message = getattr(error, "format_message", None)
        if format_message is None:
            raise
        complain(f"{format_message()} (quotestance --help)")
        return UNUSABLE
    return int(status or DONE)


if __name__ == "__main__":
    sys.exit(main())
