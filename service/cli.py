"""The command line: each command here only parses, and calls the module that does the work."""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from quotestance.service.exit_status import DONE, UNUSABLE, complain, status_of

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
        typer.Argument(metavar="IN", help=".jsonl, .jsonl.gz, .json, .txt, folders of .txt, globs; - for stdin."),
    ],
    out: Annotated[str, typer.Option("-o", "--out", metavar="OUT", help="A .jsonl file, or - for stdout.")],
    target: TargetOption = None,
    overwrite: OverwriteOption = False,
    model: ModelOption = None,
) -> None:
    """An archive: a line of JSON for each article, in order.

    An article that cannot be used goes to OUT's name with .rejected.jsonl (source, line, reason, the line itself), and
    the rest goes on. An article's own `target` goes before --target. OUT appears only once it is complete.
    """
    from quotestance.service.archive import score_command

    _leave(lambda: score_command.score(inputs, out, target or [], model, overwrite))


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
    base: Annotated[
        str | None, typer.Option("--base", metavar="NAME_OR_PATH", help="Start from this; else the shipped model.")
    ] = None,
    revision: Annotated[
        str | None, typer.Option("--revision", metavar="ID", help="The revision of a base from the hub.")
    ] = None,
    epochs: Annotated[int | None, typer.Option("--epochs", metavar="N", min=1, help="Passes over the labels.")] = None,
    lr: Annotated[
        float | None, typer.Option("--lr", metavar="RATE", min=0.0, help="The highest learning rate.")
    ] = None,
    batch_size: Annotated[
        int | None, typer.Option("--batch-size", metavar="N", min=1, help="Passages in a step.")
    ] = None,
    seed: Annotated[
        int | None, typer.Option("--seed", metavar="N", help="The same seed and labels give the same model.")
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on from the last checkpoint in DIR.")] = False,
) -> None:
    """Retrain on labelled articles or rows.

    A label file holds annotated articles, or rows `text, actor, target, stance[, quote]`, one a line."""
    from quotestance.service import training_commands

    _leave(
        lambda: training_commands.train(
            labels,
            out,
            base=base,
            revision=revision,
            epochs=epochs,
            lr=lr,
            batch_size=batch_size,
            seed=seed,
            resume=resume,
        )
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
        _leave(lambda: training_commands.evaluate_reader(labels, model, out, json))
    _leave(lambda: training_commands.evaluate(labels, model, out, json, fit or []))


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


def _serve(flags: dict[str, Any]) -> int:
    # inside the action, because the import says in one line which extra is missing
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
