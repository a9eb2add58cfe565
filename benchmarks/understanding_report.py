"""Writes what `make eval` found: tables, a calibration plot and a confusion matrix."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from benchmarks.scores import Outcome, Scores, confusions, reliability


@dataclass(frozen=True)
class Slice:
    """A noise slice, and the scores of the lines as written (None for lines made of several)."""

    name: str
    noisy: Scores
    as_written: Scores | None


@dataclass(frozen=True)
class Report:
    """Everything found on one set of lines."""

    name: str
    overall: Scores
    kinds: Mapping[str, Scores]
    labels: Mapping[str, tuple[int, int]]
    slices: Sequence[Slice]
    outcomes: Sequence[Outcome]


def table(rows: Mapping[str, Scores], before: Mapping[str, Mapping[str, Any]]) -> str:
    """One row of scores a name; behind a figure, how it differs from that of the report before."""
    titles = [field.name.replace("_", " ") for field in fields(Scores)]
    lines = ["| | " + " | ".join(titles) + " |", "| --- " * (len(titles) + 1) + "|"]
    for name, found in rows.items():
        old = before.get(name, {})
        cells = [_cell(getattr(found, field.name), old.get(field.name)) for field in fields(Scores)]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _cell(value: float | int | None, old: float | int | None) -> str:
    if value is None:
        return ""
    if isinstance(value, int):
        return f"{value}" + (f" ({value - old:+d})" if old not in (None, value) else "")
    difference = "" if old is None or abs(value - old) < 0.0005 else f" ({value - old:+.3f})"
    return f"{value:.3f}{difference}"


def write_report(
    file: Path,
    reports: Sequence[Report],
    cost: Mapping[str, float],
    before: Mapping[str, Any],
    peer: Mapping[str, Mapping[str, Scores]],
    told: str,
    pictures: Sequence[Path],
) -> None:
    """Write the Markdown report to ``file``; no line of any set stands in it."""
    parts = ["# How well the assistant understands", ""]
    parts.append("Written by `make eval`; in brackets the difference to the report before")
    parts[-1] += f" ({before['at']})." if "at" in before else "; there was none."
    parts += ["", table({one.name: one.overall for one in reports}, before.get("sets", {})), ""]
    parts += [f"- {name}: {value:.1f}" for name, value in cost.items()]
    parts += ["", *(f"![{path.stem}](pictures/{path.name})" for path in pictures), ""]
    for report in reports:
        parts += [f"## {report.name}", "", *_section(report), ""]
    if peer:
        parts += [
            "## Against DIET",
            "",
            f"Stock Rasa's classifier, {told}.",
            "",
            *_against(peer),
            "",
        ]
    file.write_text("\n".join(parts).rstrip() + "\n", encoding="utf-8")


def _section(report: Report) -> Iterator[str]:
    if report.kinds:
        yield table(report.kinds, {})
        yield ""
    yield "| copies with | lines | lenient | as written | lost | found |"
    yield "| --- | --- | --- | --- | --- | --- |"
    for one in report.slices:
        plain = one.as_written
        written = (
            f"{plain.lenient:.3f} | {plain.lenient - one.noisy.lenient:.3f}" if plain else " | "
        )
        found = "" if one.noisy.found is None else f"{one.noisy.found:.3f}"
        yield f"| {one.name} | {one.noisy.lines} | {one.noisy.lenient:.3f} | {written} | {found} |"
    yield ""
    yield "| label | right | lines |   | taken for |"
    yield "| --- | --- | --- | --- | --- |"
    mistaken = confusions(report.outcomes)
    for label, (right, total) in sorted(
        report.labels.items(), key=lambda one: one[1][0] / one[1][1]
    ):
        others = [
            f"{name} {count}"
            for (gold, name), count in mistaken.most_common()
            if gold == label != name
        ]
        yield f"| {label} | {right} | {total} | {right / total:.2f} | {', '.join(others[:4])} |"


def _against(peer: Mapping[str, Mapping[str, Scores]]) -> Iterator[str]:
    yield "Errors are counted without abstention: the peer never abstains by itself."
    yield ""
    yield "| | lines | DIET | Kefu | fewer errors |"
    yield "| --- | --- | --- | --- | --- |"
    for name, sides in peer.items():
        theirs, ours = sides["DIET"].without_doubt, sides["Kefu"].without_doubt
        fewer = 1 - (1 - ours) / max(1e-9, 1 - theirs)
        yield f"| {name} | {sides['Kefu'].lines} | {theirs:.3f} | {ours:.3f} | {fewer:.0%} |"


def draw(reports: Sequence[Report], folder: Path) -> list[Path]:
    """The calibration plot and the confusion matrix over all sets; their files."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    folder.mkdir(parents=True, exist_ok=True)
    calibration = folder / "understanding-calibration.png"
    figure, axes = pyplot.subplots(figsize=(5, 5))
    axes.plot([0, 1], [0, 1], color="grey", linestyle=":", label="honest")
    for report in reports:
        points = reliability(report.outcomes)
        axes.plot(
            [sure for sure, _, _ in points],
            [right for _, right, _ in points],
            marker="o",
            label=f"{report.name} (error {report.overall.calibration:.3f})",
        )
    axes.set(xlabel="confidence", ylabel="share right", xlim=(0, 1), ylim=(0, 1))
    axes.legend(loc="upper left", fontsize=8)
    figure.savefig(calibration, dpi=90, bbox_inches="tight")
    pyplot.close(figure)

    matrix = folder / "understanding-confusion.png"
    mistaken = confusions([one for report in reports for one in report.outcomes])
    names = sorted({name for pair in mistaken for name in pair})
    shares = [
        [
            mistaken[gold, name] / max(1, sum(mistaken[gold, other] for other in names))
            for name in names
        ]
        for gold in names
    ]
    figure, axes = pyplot.subplots(figsize=(11, 10))
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    axes.set_xticks(range(len(names)), names, rotation=90, fontsize=7)
    axes.set_yticks(range(len(names)), names, fontsize=7)
    for row, gold in enumerate(names):
        for column, name in enumerate(names):
            if count := mistaken[gold, name]:
                dark = shares[row][column] > 0.5
                axes.text(
                    *(column, row, str(count)),
                    ha="center",
                    va="center",
                    fontsize=6,
                    color="white" if dark else "black",
                )
    axes.set(xlabel="understood as", ylabel="labelled")
    figure.savefig(matrix, dpi=90, bbox_inches="tight")
    pyplot.close(figure)
    return [calibration, matrix]
