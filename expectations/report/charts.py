"""Charts of the report as SVG inside its pages: text stays text in the font of the page, the same data give the same bytes.

Matplotlib draws them; it is imported with the first chart, never with this module. What a chart shows stands in a table beside it, too.
"""

import io
import re
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from markupsafe import Markup, escape

from expectations.report.intervals import wilson
from expectations.report.page import percent, points

INK, SOFT, LINE, ACCENT, FAIR, BAD, IDLE = "#1d2733", "#56626f", "#dde3ea", "#1f4e8c", "#c98714", "#bf3f3a", "#c3cbd5"
MOST_RELEASES = 24
MOST_RATES = 30
MOST_DELIVERIES = 24
LONGEST_LABEL = 18
_POINTS = 72
_SETTINGS: Any = {
    "svg.fonttype": "none",
    "text.parse_math": False,
    "font.size": 12,
    "axes.edgecolor": LINE,
    "axes.labelcolor": SOFT,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.color": SOFT,
    "ytick.color": SOFT,
    "text.color": INK,
    "hatch.linewidth": 0.8,
}


def trend_chart(name: str, trend: Sequence[tuple[int, float]], bands: Sequence[tuple[str, float]]) -> Markup:
    """Scores over the releases, with the bands they lie in; nothing where there are fewer than two. bands: name and least score."""
    shown = trend[-MOST_RELEASES:]
    if len(shown) < 2:
        return Markup("")
    scores = [score for _, score in shown]
    low = max(0.0, min(scores) - max(3.0, (max(scores) - min(scores)) / 2))
    high = min(100.0, max(scores) + max(2.0, (max(scores) - low) / 4))

    def draw(axes: Any) -> None:
        places = range(len(shown))
        axes.plot(places, scores, color=ACCENT, marker="o", linewidth=2, markersize=6)
        every = max(1, len(shown) // 8)
        for place, score in zip(places, scores, strict=True):
            if (len(shown) - 1 - place) % every == 0:
                axes.annotate(points(score), (place, score), xytext=(0, 8), textcoords="offset points", ha="center", color=INK)
        for band, least in bands:
            if low < least < high:
                axes.axhline(least, color=IDLE, linewidth=1, linestyle=(0, (4, 3)), zorder=0)
                axes.annotate(
                    f"{band} ≥ {least:g}", (1, least), xycoords=("axes fraction", "data"), xytext=(6, -4), textcoords="offset points"
                )
        axes.set_xticks(list(places)[::-every][::-1], [f"第 {shown[place][0]} 版" for place in list(places)[::-every][::-1]])
        axes.set_xlim(-0.4, len(shown) - 0.6)
        axes.set_ylim(low, high)

    said = "，".join(f"第 {release} 版 {points(score)} 分" for release, score in shown)
    return _svg(name, f"总分走势：{said}", (410, 204), (38, 62, 14, 30), draw)


def dimension_chart(name: str, dimensions: Sequence[tuple[str, float, float | None]]) -> Markup:
    """Scores by dimension, filled, with those of the release before, hollow."""
    if not dimensions:
        return Markup("")
    known = [score for _, now, before in dimensions for score in (now, before) if score is not None]
    low = 10 * max(0, int(min(known) - 2) // 10)

    def draw(axes: Any) -> None:
        places = range(len(dimensions))
        earlier = [(before, place) for place, (_, _, before) in enumerate(dimensions) if before is not None]
        axes.hlines(places, low, [now for _, now, _ in dimensions], color=LINE, linewidth=6, zorder=1)
        axes.scatter(
            [score for score, _ in earlier],
            [place for _, place in earlier],
            s=70,
            facecolors="#ffffff",
            edgecolors=SOFT,
            linewidths=1.5,
            zorder=2,
        )
        axes.scatter([now for _, now, _ in dimensions], places, s=70, color=ACCENT, zorder=3)
        axes.set_yticks(places, [f"{_short(label)}  {points(now)}" for label, now, _ in dimensions])
        axes.set_xticks([low, (low + 100) // 2, 100])
        axes.set_xlim(low, 100 + (100 - low) / 40)
        axes.set_ylim(len(dimensions) - 0.5, -0.5)
        axes.tick_params(axis="y", length=0, labelcolor=INK)

    said = "，".join(f"{label} {points(now)}" for label, now, _ in dimensions)
    return _svg(name, f"各维度得分：{said}", (350, 36 + 28 * len(dimensions)), (112, 12, 8, 28), draw)


def rate_chart(name: str, rates: Sequence[tuple[str, int, int]]) -> Markup:
    """Match rates with their 95 % intervals, the lowest first, and that of all as a line. rates: label, matched, of how many."""
    counted = [rate for rate in rates if rate[2]]
    if not counted:
        return Markup("")
    shown = sorted(counted, key=lambda rate: (rate[1] / rate[2], rate[0]))[:MOST_RATES]
    matched, asked = sum(part for _, part, _ in counted), sum(all_ for _, _, all_ in counted)
    whole = matched / asked
    intervals = [wilson(part, all_) for _, part, all_ in shown]
    low = max(0.0, min(from_ for from_, _ in intervals) - 0.03)

    def draw(axes: Any) -> None:
        axes.axvline(100 * whole, color=SOFT, linewidth=1, linestyle=(0, (4, 3)), zorder=0)
        axes.annotate(
            f"全部 {percent(matched, asked)}",
            (100 * whole, 1),
            xycoords=("data", "axes fraction"),
            xytext=(0, 5),
            textcoords="offset points",
            ha="center",
            color=SOFT,
        )
        for place, ((_, part, all_), (from_, to)) in enumerate(zip(shown, intervals, strict=True)):
            colour = BAD if to < whole else ACCENT
            axes.hlines([place], 100 * from_, 100 * to, color=colour, linewidth=2)
            axes.plot([100 * part / all_], [place], marker="s" if to < whole else "o", markersize=6, color=colour, linestyle="none")
            axes.annotate(percent(part, all_), (1, place), xycoords=("axes fraction", "data"), xytext=(8, -4), textcoords="offset points")
            axes.annotate(
                f"{all_:,} 条",
                (1, place),
                xycoords=("axes fraction", "data"),
                xytext=(118, -4),
                textcoords="offset points",
                ha="right",
                color=SOFT,
            )
        axes.set_yticks(range(len(shown)), [_short(label) for label, _, _ in shown])
        axes.set_xlim(100 * low, 100.5)
        axes.set_ylim(len(shown) - 0.5, -0.5)
        axes.tick_params(axis="y", length=0)

    said = "，".join(f"{label} {percent(part, all_)}" for label, part, all_ in shown)
    widest = max(len(_short(label)) for label, _, _ in shown)
    return _svg(name, f"匹配率，从低到高：{said}", (760, 56 + 22 * len(shown)), (14 + 13 * widest, 128, 26, 28), draw)


def deliveries_chart(name: str, deliveries: Sequence[tuple[str, int, int]]) -> Markup:
    """Rows of each delivery in order, those kept out hatched; nothing where there are fewer than two. deliveries: period, rows, kept out."""
    shown = deliveries[-MOST_DELIVERIES:]
    if len(shown) < 2:
        return Markup("")

    def draw(axes: Any) -> None:
        places, kept_out = range(len(shown)), [out for _, _, out in shown]
        accepted = [rows - out for _, rows, out in shown]
        axes.bar(places, accepted, width=0.6, color="#7fa0cc", edgecolor=ACCENT, linewidth=0.8)
        axes.bar(places, kept_out, bottom=accepted, width=0.6, color="#f6dcd8", edgecolor=BAD, hatch="////", linewidth=0.8)
        if len(shown) <= 8:
            for place, (_, rows, _) in enumerate(shown):
                axes.annotate(f"{rows:,}", (place, rows), xytext=(0, 4), textcoords="offset points", ha="center")
        every = 1 + (len(shown) - 1) // 6
        axes.set_xticks(list(places)[::every], [_short(period) for period, _, _ in shown[::every]])
        axes.set_xlim(-0.7, len(shown) - 0.3)
        axes.set_ylim(0, 1.15 * max(1, max(rows for _, rows, _ in shown)))
        axes.yaxis.set_major_locator(_whole_numbers())
        axes.yaxis.set_major_formatter(lambda value, _: f"{int(value):,}")

    said = "，".join(f"{period} {rows:,} 行（隔离 {out:,}）" for period, rows, out in shown)
    return _svg(name, f"历次报送的行数：{said}", (min(620, 180 + 110 * len(shown)), 210), (62, 12, 12, 28), draw)


def grid_chart(name: str, households: Sequence[int], limits: Sequence[int]) -> Markup:
    """How many grids have how many households, with the limits of the sizes as lines."""
    if not households:
        return Markup("")
    most = max([*households, limits[-1]])
    step = next(each for each in (10, 20, 25, 50, 100, 200, 500, 1000, 10**9) if most / each <= 30)
    edges = [step * place for place in range(most // step + 2)]

    def draw(axes: Any) -> None:
        axes.hist(households, bins=edges, color="#7fa0cc", edgecolor=ACCENT, linewidth=0.8)
        for limit in limits:
            axes.axvline(limit, color=FAIR, linewidth=1.2, linestyle=(0, (4, 3)))
            axes.annotate(
                f"{limit:,}",
                (limit, 1),
                xycoords=("data", "axes fraction"),
                xytext=(0, 4),
                textcoords="offset points",
                ha="center",
                color=SOFT,
            )
        axes.set_xlim(0, edges[-1])
        axes.yaxis.set_major_locator(_whole_numbers())
        axes.set_xlabel("户数")
        axes.set_ylabel("网格数")

    return _svg(
        name,
        f"网格按户数分布：{len(households)} 个网格，最少 {min(households):,} 户，最多 {max(households):,} 户",
        (620, 230),
        (54, 16, 24, 46),
        draw,
    )


def _short(label: str) -> str:
    return label if len(label) <= LONGEST_LABEL else f"{label[: LONGEST_LABEL - 1]}…"


def _whole_numbers() -> Any:
    from matplotlib.ticker import MaxNLocator

    return MaxNLocator(nbins=4, integer=True)


def _svg(name: str, said: str, size: tuple[int, int], margins: tuple[int, int, int, int], draw: Callable[[Any], None]) -> Markup:
    """One chart. name: unique on its page. said: what is told to those who do not see it. size: width, height; margins: left, right, top, bottom."""
    (width, height), (left, right, top, bottom) = size, margins
    with _matplotlib(name) as figure_of:
        figure = figure_of(figsize=(width / _POINTS, height / _POINTS))
        box = (left / width, bottom / height, (width - left - right) / width, (height - top - bottom) / height)
        draw(figure.add_axes(box))
        written = io.StringIO()
        figure.savefig(written, format="svg", transparent=True, metadata={"Date": None})
    return _inside_a_page(written.getvalue(), said, width, height)


@contextmanager
def _matplotlib(salt: str) -> Iterator[Any]:
    """The class of figures under our settings alone, whatever the machine's; widths are reckoned without the glyphs of Chinese, which browsers have."""
    import matplotlib
    from matplotlib.figure import Figure

    with matplotlib.rc_context(), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        matplotlib.rcdefaults()
        matplotlib.rcParams.update({**_SETTINGS, "svg.hashsalt": salt})
        yield Figure


def _inside_a_page(svg: str, said: str, width: int, height: int) -> Markup:
    """The drawing without what only a file of its own needs, in the font of the page."""
    inner = svg[svg.index(">", svg.index("<svg")) + 1 : svg.rindex("</svg>")]
    inner = re.sub(r"<metadata>.*?</metadata>", "", inner, flags=re.DOTALL)
    inner = re.sub(r"font(-family)?: [^;\"]*'[^;\"]*", lambda found: _without_family(found[0]), inner)
    inner = re.sub(r'<g id="[^"]*">', "<g>", inner)
    opening = f'<svg class="chart" role="img" aria-label="{escape(said)}" width="{width}" height="{height}" viewBox="0 0 {width} {height}">'
    return Markup(opening + inner + "</svg>")


def _without_family(style: str) -> str:
    size = re.search(r"[\d.]+px", style)
    return f"font-size: {size[0]}" if size else "font-family: inherit"
