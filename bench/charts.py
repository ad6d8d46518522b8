# SPDX-License-Identifier: Apache-2.0
"""Results as SVG: groups of horizontal bars, readable on light and on dark pages.

Needs nothing but Python. A chart whose rows are not among the results is left as it is.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path

Rows = Mapping[str, float]  # "case: what" -> median

STYLE = """
  text { font: 13px system-ui, -apple-system, "Segoe UI", sans-serif; fill: #1f2328; }
  .title { font-size: 16px; font-weight: 600; }
  .group { font-weight: 600; }
  .soft, .note { fill: #59636e; }
  .note { font-size: 12px; }
  .bar { fill: #b4bcc6; }
  .nigh { fill: #0969da; }
  text.nigh { fill: #0969da; font-weight: 600; }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3; }
    .soft, .note { fill: #9198a1; }
    .bar { fill: #545d68; }
    .nigh, text.nigh { fill: #58a6ff; }
  }"""
WIDTH, LABEL, END, ROW, GAP = 720, 150, 90, 22, 20


@dataclasses.dataclass(frozen=True)
class Chart:
    """`groups`: title -> pattern of rows with {} for who. Bars of one group are always to scale, those
    of different groups only with one_scale."""

    name: str
    title: str
    note: str
    unit: str
    who: Sequence[str]
    groups: Mapping[str, str]
    one_scale: bool = True


CHARTS = (
    Chart("files-large", "One file of 2 GB", "loopback, in memory; GB/s: longer is better", "GB/s",
          ("nigh", "scp", "rsync", "cat | ssh", "tls pump", "cp"),
          {"up": "files-large: up, {}", "down": "files-large: down, {}"}),
    Chart("files-small", "20,000 files of 4 KB", "loopback, in memory; seconds: shorter is better", "s",
          ("nigh", "scp", "rsync", "tar | ssh", "cp -r"),
          {"up": "files-small: up, {}", "down": "files-small: down, {}"}),
    Chart("files-link-time", "Over 1 Gbit/s with a round trip of 100 ms",
          "seconds: shorter is better; each group has its own scale", "s",
          ("nigh", "scp -O", "scp", "rsync"),
          {"a file of 4 KB, connection included": "files-link: 4 KB, cold, {}",
           "1 GiB, new": "files-link: 1 GiB new, up, {}",
           "100,000 files of 4 KB": "files-link: 100,000 x 4 KB, up, {}",
           "1,000,000 files, unchanged": "files-link: 1,000,000 unchanged, {}"}, one_scale=False),
    Chart("files-link-bytes", "What a change in a file of 1 GiB costs",
          "megabytes carried: shorter is better; each group has its own scale", "MB",
          ("nigh", "rsync", "rsync -B4096"),
          {"1 % of its pages overwritten": "files-link: 1 % of pages changed, {}, bytes",
           "2,621 times 100 bytes overwritten": "files-link: 2,621 x 100 bytes, {}, bytes",
           "1,000 pieces inserted": "files-link: 1,000 inserts, {}, bytes"}, one_scale=False),
    Chart("files-memory", "Memory for a million files", "bytes a file at the peak: shorter is better",
          "bytes", ("nigh", "rsync"),
          {"new, client": "files-memory: new, {}, client", "new, server": "files-memory: new, {}, server",
           "unchanged, client": "files-memory: unchanged, {}, client",
           "unchanged, server": "files-memory: unchanged, {}, server"}),
)  # fmt: skip


def write_charts(folder: Path, results: Mapping[str, object]) -> list[Path]:
    """Those that the rows of a results.json are enough for."""
    listed = results["rows"]
    assert isinstance(listed, list)
    rows = {f"{row['case']}: {row['what']}": row["median"] for row in listed}
    written = []
    folder.mkdir(parents=True, exist_ok=True)
    for chart in CHARTS:
        if groups := _values(chart, rows):
            path = folder / f"{chart.name}.svg"
            path.write_text(_svg(chart, groups))
            written.append(path)
    return written


def _values(chart: Chart, rows: Rows) -> dict[str, dict[str, float]]:
    """{group: {who: value}} of what there is, groups without nigh left out."""
    groups = {}
    for title, pattern in chart.groups.items():
        values = {who: rows[row] for who in chart.who if (row := pattern.format(who)) in rows}
        if "nigh" in values:
            groups[title] = values
    return groups


def _svg(chart: Chart, groups: Mapping[str, Mapping[str, float]]) -> str:
    top = max(value for values in groups.values() for value in values.values())
    body, y = [_text(0, 20, chart.title, "title"), _text(0, 40, chart.note, "note")], 56
    for title, values in groups.items():
        y += GAP
        body.append(_text(0, y + 4, title, "group"))
        y += 12
        for who, value in values.items():
            body += _bar(who, value, top if chart.one_scale else max(values.values()), chart.unit, y)
            y += ROW
    described = "; ".join(
        f"{title}: " + ", ".join(f"{who} {short(value)} {chart.unit}" for who, value in values.items())
        for title, values in groups.items()
    )
    head = (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {y + 8}" width="{WIDTH}"'
            f' height="{y + 8}" role="img" aria-label="{escape(chart.title)}">')  # fmt: skip
    return "\n".join([head, f"<title>{escape(chart.title)}</title>", f"<desc>{escape(described)}</desc>",
                      f"<style>{STYLE}\n</style>", *body, "</svg>\n"])  # fmt: skip


def _bar(who: str, value: float, top: float, unit: str, y: int) -> list[str]:
    length = max(2.0, (WIDTH - LABEL - END) * value / top) if top else 2.0
    kind = "nigh" if who == "nigh" else "soft"
    bar = "nigh" if who == "nigh" else "bar"
    return [
        _text(LABEL - 10, y + 14, who, kind, "end"),
        f'<rect class="{bar}" x="{LABEL}" y="{y + 3}" width="{length:.1f}" height="{ROW - 7}" rx="2"/>',
        _text(round(LABEL + length + 8), y + 14, f"{short(value)} {unit}", kind),
    ]


def _text(x: int, y: int, text: str, kind: str, anchor: str = "start") -> str:
    return f'<text class="{kind}" x="{x}" y="{y}" text-anchor="{anchor}">{escape(text)}</text>'


def short(value: float) -> str:
    """Three digits or so."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.{1 if value >= 10 else 2}f}"
