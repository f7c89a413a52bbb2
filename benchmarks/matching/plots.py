"""Plots of a run: `plots.py RESULTS.json LABELS.json FOLDER`. Runs in an environment that has matplotlib and nothing of this project."""

import json
import logging
import sys
import warnings
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("svg")
from matplotlib import pyplot as plt

FAST = 10_000
LEAST_RESULTS = 20
OURS_COLOUR, PEER_COLOUR = "#c0392b", "#7f8c8d"


def main() -> None:
    """Write matching-speed.svg, matching-noise.svg and matching-reliability.svg."""
    logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)
    warnings.filterwarnings("ignore", "Glyph")  # texts stay texts in the SVG: the reader's machine has the font
    results, labels, folder = (Path(argument) for argument in sys.argv[1:4])
    plt.rcParams.update(
        {
            "svg.fonttype": "none",
            "svg.hashsalt": "matching",
            "font.family": ["sans-serif"],
            "font.sans-serif": ["Noto Sans CJK SC", "Microsoft YaHei", "PingFang SC", "sans-serif"],
            "axes.unicode_minus": False,
            "font.size": 10,
        }
    )
    content = json.loads(results.read_text(encoding="utf-8"))["results"]
    names = json.loads(labels.read_text(encoding="utf-8"))
    speed(content, folder / "matching-speed.svg")
    noise(content, names, folder / "matching-noise.svg")
    reliability(content, folder / "matching-reliability.svg")


def _save(figure: Any, path: Path) -> None:
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})
    plt.close(figure)


def _busiest(results: list[dict[str, Any]]) -> int:
    """The library size on which most matchers ran."""
    rows: list[int] = [result["rows"] for result in results]
    return max(sorted(set(rows)), key=rows.count)


def speed(results: list[dict[str, Any]], path: Path) -> None:
    """Addresses a second against F1, both of one size."""
    rows = _busiest(results)
    figure, axes = plt.subplots(figsize=(7, 4))
    here = [result for result in results if result["rows"] == rows]
    points = {result["title"]: (float(result["speed"]["addresses_per_second"]), 100 * result["figures"]["f1"]) for result in here}
    for result in here:
        fast, f1 = points[result["title"]]
        ours = result["name"] == "ours"
        axes.scatter(fast, f1, color=OURS_COLOUR if ours else PEER_COLOUR, s=70 if ours else 40, zorder=3)
        top = all(other <= f1 for speed, other in points.values() if fast / 5 < speed < fast * 5)
        offset, side = (-8 if fast > FAST else 8, 8 if top else -4), "right" if fast > FAST else "left"
        axes.annotate(result["title"], (fast, f1), xytext=offset, textcoords="offset points", ha=side, fontsize=9)
    axes.set_xscale("log")
    axes.set_xlabel("每秒地址数（对数）")
    axes.set_ylabel("F1 (%)")
    axes.set_title(f"地址库 {rows:,} 行")
    axes.margins(x=0.15, y=0.15)
    axes.grid(alpha=0.3)
    _save(figure, path)


def noise(results: list[dict[str, Any]], labels: dict[str, dict[str, str]], path: Path) -> None:
    """Recall by noise class of our matcher, one dot a library size, and the best peer's where it ran."""
    ours = [result for result in results if result["name"] == "ours"]
    if not ours:
        return
    last = ours[-1]
    classes = [entry for entry in last["groups"]["noise"] if entry["recall"] == entry["recall"]]
    classes.sort(key=lambda entry: entry["recall"])
    order = [entry["noise"] for entry in classes]
    figure, axes = plt.subplots(figsize=(7, 0.19 * len(order) + 1.2))
    rows = _busiest(results)
    peers = [result for result in results if result["rows"] == rows and result["name"] != "ours"]
    if peers:
        best = max(peers, key=lambda result: result["figures"]["f1"])
        _dots(axes, best, order, PEER_COLOUR, "x")
    for number, result in enumerate(ours):
        _dots(axes, result, order, OURS_COLOUR, "o", alpha=(number + 1) / len(ours))
    axes.set_yticks(range(len(order)), [labels["noise"].get(name, name) for name in order], fontsize=8)
    axes.set_xlabel("召回率 (%)")
    axes.grid(axis="x", alpha=0.3)
    axes.legend(fontsize=8, loc="lower center", bbox_to_anchor=(0.4, 1.0), ncols=2, frameon=False)
    axes.margins(y=0.01)
    _save(figure, path)


def _dots(axes: Any, result: dict[str, Any], order: list[str], colour: str, marker: str, alpha: float = 1) -> None:
    recall = {entry["noise"]: entry["recall"] for entry in result["groups"]["noise"]}
    found = [(100 * recall[name], place) for place, name in enumerate(order) if name in recall and recall[name] == recall[name]]
    label = f"{result['title']}，{result['rows']:,} 行"
    axes.scatter([x for x, _ in found], [y for _, y in found], color=colour, marker=marker, s=16, alpha=alpha, label=label, zorder=3)


def reliability(results: list[dict[str, Any]], path: Path) -> None:
    """Mean score of matched results against the share that is right."""
    figure, axes = plt.subplots(figsize=(5, 5))
    axes.plot([0, 1], [0, 1], color=PEER_COLOUR, linewidth=1)
    ours = [result for result in results if result["name"] == "ours"]
    for number, result in enumerate(ours):
        bands = [band for band in result["calibration"] if band["results"] >= LEAST_RESULTS]
        axes.plot(
            [band["score"] for band in bands],
            [band["right"] for band in bands],
            "o-",
            markersize=4,
            color=OURS_COLOUR,
            alpha=(number + 1) / len(ours),
            label=f"{result['rows']:,} 行",
        )
    axes.set_xlabel("平均分数")
    axes.set_ylabel("实际正确的比例")
    low = min(
        [0.9, *(min(band["score"], band["right"]) for result in ours for band in result["calibration"] if band["results"] >= LEAST_RESULTS)]
    )
    axes.set_xlim(max(0, low - 0.05), 1.01)
    axes.set_ylim(max(0, low - 0.05), 1.01)
    axes.grid(alpha=0.3)
    axes.legend()
    _save(figure, path)


if __name__ == "__main__":
    main()
