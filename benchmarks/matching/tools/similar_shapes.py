"""Compute address_matching/data/similar_shapes.tsv, the characters of like shape, from the bitmaps of fonts.

    pip install pillow; apt-get install fonts-noto-cjk
    python -m benchmarks.matching.tools.similar_shapes

Every character of GB 2312 and of the cities' division names is drawn in each font, blurred and compared with every other by
normalised correlation of the bitmaps (Pearson's r): of the whole character (未末), and of what is left of it without its left, right,
upper or lower quarter to half (the radical), set to one size, with the same of the other (堤提) and with the other whole (屿与).
Parts count by the share of ink that both have in common. The mean over the fonts decides. Two lists of pairs made by
hand, similar_shapes.yaml beside this file, add and take away what bitmaps see otherwise than readers.
"""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import yaml
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter, ImageFont

ROOT = Path(__file__).parents[3]
TARGET = ROOT / "address_matching" / "data" / "similar_shapes.tsv"
JUDGED = Path(__file__).with_suffix(".yaml")
FONTS = (
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Bold.ttc",
    "/usr/share/fonts/opentype/noto/NotoSerifCJK-Regular.ttc",
)
SIMPLIFIED_FACE = 2  # Noto's collections hold the faces JP, KR, SC, TC, HK in this order
DRAWN = 96
WHOLE = 32
PART = 24
BLUR = 2.0

# Measured on the benchmark of the matcher: with these nearly all slips of shape are taken, and no wrong answers come of them.
WHOLE_ALIKE = 0.70
PART_ALIKE = 0.80
PART_SHARE = 0.55
RARE_ALIKE = 0.25  # of 1, asked of pairs of characters out of common use
NEIGHBOURS = 8  # the nearest characters count already from a correlation of
NEIGHBOUR_ALIKE = 0.62
MOST_PARTNERS = 25
COMMON = ("b0", "d7")  # rows of the first level of GB 2312

HEAD = """\
# Characters of like shape, each pair once: a character and those after it in Unicode that are taken for it. Read by address_matching.words.
# Made by `python -m benchmarks.matching.tools.similar_shapes` from the bitmaps of Noto Sans CJK SC (regular, bold) and Noto Serif CJK SC
# (SIL Open Font License 1.1; no outline or bitmap of the fonts is in this file), and from the pairs judged by eye beside that tool.
# Do not edit: change the tool's list and run it again.
"""

Bitmap = NDArray[np.float32]


@dataclass
class Glyphs:
    """Features of all characters in one font: unit vectors, one row a character, and the share of ink in each part."""

    whole: Bitmap
    boxed: Bitmap
    parts: dict[str, Bitmap]
    shares: dict[str, Bitmap]


def place_characters() -> set[str]:
    """Return the Chinese characters of the division names of all cities."""
    text = "".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "cities").glob("*/divisions.csv")))
    return {character for character in text if "\u4e00" <= character <= "\u9fff"}


def characters() -> list[str]:
    """Return the Chinese characters of GB 2312 and of the division names of all cities."""
    found = place_characters()
    for high in range(0xB0, 0xF8):
        found.update(bytes([high, low]).decode("gb2312", "ignore") for low in range(0xA1, 0xFF))
    return sorted(found - {""})


def drawn(character: str, font: ImageFont.FreeTypeFont) -> Bitmap:
    """Return ink (0 to 1) of a character on a square."""
    image = Image.new("L", (DRAWN, DRAWN), 0)
    ImageDraw.Draw(image).text((DRAWN // 2, DRAWN // 2), character, fill=255, font=font, anchor="mm")
    return np.asarray(np.asarray(image) / 255, np.float32)


def cuts(ink: Bitmap) -> dict[str, Bitmap]:
    """Return what is left of a character without what stands at its left, right, top and bottom, cut where least ink is crossed."""
    columns, rows = ink.sum(axis=0), ink.sum(axis=1)

    def least(profile: Bitmap, start: float, stop: float) -> int:
        first = int(start * DRAWN)
        return first + int(np.argmin(profile[first : int(stop * DRAWN)]))

    return {
        "left": ink[:, least(columns, 0.22, 0.50) :],
        "right": ink[:, : least(columns, 0.50, 0.78)],
        "top": ink[least(rows, 0.22, 0.50) :, :],
        "bottom": ink[: least(rows, 0.50, 0.78), :],
    }


def boxed(ink: Bitmap) -> Bitmap:
    """Return the inked rectangle set to the size of a part and blurred."""
    rows, columns = np.flatnonzero(ink.max(axis=1) > 0.3), np.flatnonzero(ink.max(axis=0) > 0.3)
    if len(rows) == 0 or len(columns) == 0:
        return np.zeros((PART, PART), np.float32)
    inside = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return scaled(inside, PART, BLUR)


def scaled(ink: Bitmap, size: int, blur: float) -> Bitmap:
    """Return a bitmap set to a square of a size; the blur is in dots of the drawn character."""
    image = Image.fromarray((ink * 255).astype(np.uint8)).resize((DRAWN, DRAWN), Image.Resampling.BILINEAR)
    small = image.filter(ImageFilter.GaussianBlur(blur)).resize((size, size), Image.Resampling.BOX)
    return np.asarray(np.asarray(small) / 255, np.float32)


def unit(bitmaps: list[Bitmap]) -> Bitmap:
    """Return bitmaps as rows whose products are their correlations."""
    rows = np.stack([bitmap.ravel() for bitmap in bitmaps])
    rows -= rows.mean(axis=1, keepdims=True)
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-6), np.float32)


def glyphs(texts: list[str], path: str) -> Glyphs:
    """Draw all characters in one font."""
    font = ImageFont.truetype(path, size=DRAWN - 8, index=SIMPLIFIED_FACE)
    inks = [drawn(text, font) for text in texts]
    pieces = [cuts(ink) for ink in inks]
    sides = ("left", "right", "top", "bottom")
    total = np.array([max(float(ink.sum()), 1e-6) for ink in inks], np.float32)
    return Glyphs(
        unit([scaled(ink, WHOLE, BLUR) for ink in inks]),
        unit([boxed(ink) for ink in inks]),
        {side: unit([boxed(piece[side]) for piece in pieces]) for side in sides},
        {side: np.array([float(piece[side].sum()) for piece in pieces], np.float32) / total for side in sides},
    )


def likeness(drawings: list[Glyphs]) -> Bitmap:
    """Return the likeness of every two characters: 1 for the same, below 0 for too unlike."""
    size = len(drawings[0].whole)
    best = mean([drawing.whole @ drawing.whole.T for drawing in drawings]) - WHOLE_ALIKE
    best /= 1 - WHOLE_ALIKE
    for side in drawings[0].parts:
        share = mean([drawing.shares[side] for drawing in drawings])
        dominant = share >= PART_SHARE
        for other, enough in (("part", dominant[:, None] & dominant[None, :]), ("whole", np.repeat(dominant[:, None], size, axis=1))):
            products = [drawing.parts[side] @ (drawing.parts[side] if other == "part" else drawing.boxed).T for drawing in drawings]
            alike = (mean(products) - PART_ALIKE) / (1 - PART_ALIKE)
            alike *= np.minimum(share[:, None], share[None, :] if other == "part" else 1)
            alike[~enough] = -1
            np.maximum(best, alike, out=best)
    np.maximum(best, best.T, out=best)
    np.fill_diagonal(best, -1)
    return best


def neighbours(whole: Bitmap, common: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return which characters in common use are among the nearest of one another, as whole bitmaps."""
    among = np.where(common[:, None] & common[None, :], whole, -1).astype(np.float32)
    np.fill_diagonal(among, -1)
    near = np.argpartition(-among, NEIGHBOURS, axis=1)[:, :NEIGHBOURS]
    found = np.zeros(among.shape, bool)
    np.put_along_axis(found, near, True, axis=1)
    return (found | found.T) & (among >= NEIGHBOUR_ALIKE)


def mean(arrays: list[Bitmap]) -> Bitmap:
    return sum(arrays[1:], start=arrays[0].copy()) / np.float32(len(arrays))


def chosen(texts: list[str], alike: Bitmap, near: NDArray[np.bool_], common: NDArray[np.bool_]) -> set[tuple[str, str]]:
    """Return the pairs that are alike, the likest first, no character having more partners than fit; then the judged ones."""
    taken = (alike > np.where(common[:, None] & common[None, :], 0, RARE_ALIKE)) | near
    first, second = np.nonzero(np.triu(taken))
    judged = yaml.safe_load(JUDGED.read_text(encoding="utf-8"))
    unlike = {(min(pair), max(pair)) for pair in judged["unlike"].split()}
    pairs = {(min(pair), max(pair)) for pair in judged["alike"].split() if pair[0] != pair[1]}
    partners = Counter(character for pair in pairs for character in pair)
    for at in np.argsort(-alike[first, second], kind="stable"):
        pair = (texts[first[at]], texts[second[at]])
        if pair not in pairs and pair not in unlike and max(partners[pair[0]], partners[pair[1]]) < MOST_PARTNERS:
            partners.update(pair)
            pairs.add(pair)
    return pairs


def is_common(character: str) -> bool:
    """Whether a character is of the first level of GB 2312, or a place name's that is not in GB 2312 at all."""
    code = character.encode("gb2312", "ignore").hex()
    return not code or COMMON[0] <= code[:2] <= COMMON[1]


def write(pairs: set[tuple[str, str]]) -> None:
    partners: dict[str, list[str]] = {}
    for one, other in sorted(pairs):
        partners.setdefault(one, []).append(other)
    TARGET.write_text(HEAD + "".join(f"{one}\t{''.join(others)}\n" for one, others in partners.items()), encoding="utf-8")


def table(texts: list[str], drawings: list[Glyphs]) -> set[tuple[str, str]]:
    """Return the pairs of characters of like shape."""
    common = np.array([is_common(text) for text in texts]) | np.isin(texts, sorted(place_characters()))
    whole = mean([drawing.whole @ drawing.whole.T for drawing in drawings])
    return chosen(texts, likeness(drawings), neighbours(whole, common), common)


def main() -> None:
    texts = characters()
    pairs = table(texts, [glyphs(texts, font) for font in FONTS])
    write(pairs)
    print(f"{TARGET.name}: {len(texts)} 字，{len(pairs)} 对形近字")


if __name__ == "__main__":
    main()
