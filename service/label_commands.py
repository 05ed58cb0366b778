"""The `labels` commands: they only parse, and call the module of `training/labelling` that does the work."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from quotestance.service.exit_status import status_of

labels_app = typer.Typer(
    name="labels",
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="""Label files: checked, brought in from labelling tools, taken to them, and what to label next.

    \b
    quotestance labels check train.jsonl --test test.jsonl
    quotestance labels next archive.jsonl -o next.json --config-out interface.xml
    quotestance labels import project-1.json -o labels.jsonl
    """,
)

LabelFiles = Annotated[list[Path], typer.Argument(metavar="LABELS", help="Label files, .jsonl or .jsonl.gz.")]
Out = Annotated[str, typer.Option("-o", "--out", metavar="OUT", help="The file to write, or - for stdout.")]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace OUT where it is there already.")]
ConfigOut = Annotated[
    str | None,
    typer.Option(
        "--config-out", metavar="FILE", help="Where Label Studio's labelling interface (XML) goes; - for stdout."
    ),
]


@labels_app.callback(invoke_without_command=True)
def _group(context: typer.Context) -> None:
    if context.invoked_subcommand is None:
        print(context.get_help())


@labels_app.command()
def check(
    files: LabelFiles,
    test: Annotated[
        list[Path] | None,
        typer.Option("--test", metavar="FILE", help="Labels to measure on, which must not overlap with LABELS."),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON.")] = False,
) -> None:
    """Pass, warn and fail lines about label files, with line numbers.

    fail: `train` would refuse it, or figures would be wrong (contradictions, overlap with --test). Exit status: 0 no
    fail line; 1 at least one; 2 no usable label at all. Needs the `train` extra.
    """
    from quotestance.training.labelling import check_command

    raise typer.Exit(status_of(lambda: check_command.run(files, test or [], json)))


@labels_app.command(name="import")
def bring_in(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="An export of Label Studio or doccano, CSV, or labels.")],
    out: Annotated[str, typer.Option("-o", "--out", metavar="OUT", help="The label file to write, or - for stdout.")],
    form: Annotated[
        Literal["auto", "label-studio", "doccano", "csv", "labels"],
        typer.Option("--format", help="What FILE is; auto goes by its content."),
    ] = "auto",
    columns: Annotated[
        list[str] | None,
        typer.Option("--map", metavar="FIELD=COLUMN", help="A CSV column of another name, e.g. text=Body."),
    ] = None,
    offsets: Annotated[
        Literal["auto", "utf-16", "code-points", "graphemes"],
        typer.Option("--offsets", help="What a doccano project counts; auto takes what fits words best."),
    ] = "auto",
    overwrite: Overwrite = False,
) -> None:
    """Labels of another tool as a label file.

    What cannot be used goes to OUT's name with .rejected.jsonl, with its line, and the rest goes on.
    """
    from quotestance.training.labelling import import_command

    raise typer.Exit(status_of(lambda: import_command.run(file, out, form, columns or [], offsets, overwrite)))


@labels_app.command()
def export(
    labels: LabelFiles,
    out: Out,
    form: Annotated[
        Literal["label-studio", "doccano", "csv"],
        typer.Option("--format", help="For which tool. CSV keeps no offsets; the others come back unchanged."),
    ],
    config_out: ConfigOut = None,
    offsets: Annotated[
        Literal["utf-16", "code-points", "graphemes"],
        typer.Option("--offsets", help="What the doccano project counts: graphemes where it is set so."),
    ] = "utf-16",
    overwrite: Overwrite = False,
) -> None:
    """Label files for a labelling tool: .json for Label Studio, .jsonl for doccano, .csv."""
    from quotestance.training.labelling import export_command

    raise typer.Exit(status_of(lambda: export_command.run(labels, out, form, config_out, offsets, overwrite)))


@labels_app.command(name="next")
def choose_next(
    archive: Annotated[
        list[str],
        typer.Argument(metavar="ARCHIVE", help="Articles, or a scored archive that carries `text` (JSON Lines)."),
    ],
    out: Out,
    count: Annotated[int, typer.Option("-n", "--count", metavar="N", min=1, help="How many articles.")] = 50,
    form: Annotated[
        Literal["label-studio", "doccano", "labels"] | None,
        typer.Option("--format", help="Default: label-studio where OUT is a .json file, else labels."),
    ] = None,
    exclude: Annotated[
        list[Path] | None,
        typer.Option("--exclude", metavar="LABELS", help="Articles in these, or nearly the same, are passed over."),
    ] = None,
    model: Annotated[
        Path | None, typer.Option("--model", metavar="DIR", help="A trained model; without it, the one that ships.")
    ] = None,
    config_out: ConfigOut = None,
    overwrite: Overwrite = False,
) -> None:
    """The articles most worth labelling, with the model's statements to correct.

    Those of which the model is least sure and that differ most from each other and from what is labelled. Needs the
    `train` extra.
    """
    from quotestance.training.labelling import next_command

    raise typer.Exit(
        status_of(lambda: next_command.run(archive, out, count, form, exclude or [], model, config_out, overwrite))
    )
