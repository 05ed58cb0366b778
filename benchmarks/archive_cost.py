"""What a million and a billion articles take on machines of measured speed.

    python benchmarks/archive_cost.py --machine "2 cores" 1.3 0.09 --machine "one GPU" 60 2.10 [--weekend 60]

Each --machine is a name, articles a second (measure them there: benchmarks/archive_speed.py, or the last line of
`quotestance score`) and a price an hour in whatever currency. The table is Markdown.
"""

import argparse

_MILLION, _BILLION = 10**6, 10**9
_HEAD = ("machine", "articles/s", "price/h", "a million: hours", "cost", "a billion: machine-days", "cost")
_WEEKEND = "machines for a weekend"


def row(name: str, rate: float, price: float, weekend: float) -> list[str]:
    """One machine's cells; `rate` in articles a second, `price` an hour, `weekend` in hours."""
    million, billion = (count / rate / 3600 for count in (_MILLION, _BILLION))
    return [
        name,
        f"{rate:g}",
        f"{price:g}",
        f"{million:,.1f}",
        f"{million * price:,.2f}",
        f"{billion / 24:,.0f}",
        f"{billion * price:,.0f}",
        f"{billion / weekend:,.0f}",
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--machine", nargs=3, action="append", required=True, metavar=("NAME", "RATE", "PRICE"))
    parser.add_argument("--weekend", type=float, default=60, help="hours from Friday evening to Monday morning")
    args = parser.parse_args()
    rows = [row(name, float(rate), float(price), args.weekend) for name, rate, price in args.machine]
    head = [*_HEAD, _WEEKEND]
    for cells in (head, ["---"] * len(head), *rows):
        print("| " + " | ".join(cells) + " |")


if __name__ == "__main__":
    main()
