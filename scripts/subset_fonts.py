"""Make the fonts of attestations again: ``python -m scripts.subset_fonts FOLDER``, of DejaVu Sans 2.37.

What people's names are written with, out of 1.4 MB: a PDF is then made four times as fast, and the package stays light.
``DejaVuSans`` has what nearly all of them need (Latin, Greek, Cyrillic, punctuation); ``DejaVuSansOther`` is read for
the others only (Arabic, Hebrew, Armenian, Georgian, Tifinagh, N’Ko, a few signs), with what shapes their letters.
"""

import sys
from pathlib import Path

from fontTools import subset

FONTS = Path(__file__).parent.parent / "notifications" / "fonts"
LETTERS = (
    *range(0x20, 0x7F), *range(0xA0, 0x250), *range(0x2B0, 0x370), *range(0x370, 0x530), *range(0x1E00, 0x1F00),
    *range(0x2000, 0x20D0), *range(0x2100, 0x2150), *range(0x2190, 0x2200), 0xFB01, 0xFB02, 0xFFFD,
)  # fmt: skip
OTHER_LETTERS = (
    *range(0x530, 0x700), *range(0x7C0, 0x800), *range(0x10A0, 0x1100), *range(0x1F00, 0x2000), *range(0x2600, 0x27C0),
    *range(0x2C60, 0x2C80), *range(0x2D30, 0x2D80), *range(0xA720, 0xA800), *range(0x1F600, 0x1F650),
    0x20, 0xA0, 0x200C, 0x200D, 0x25CC,
)  # fmt: skip
SHAPING = ["ccmp", "init", "medi", "fina", "isol", "rlig", "liga", "mark", "mkmk", "locl"]


def make(source: Path) -> None:
    """The subset of a font, under its name; of the regular one, the other subset too."""
    _subset(source, FONTS / source.name, LETTERS, [])
    if "-" not in source.name:
        _subset(source, FONTS / "DejaVuSansOther.ttf", OTHER_LETTERS, SHAPING)


def _subset(source: Path, target: Path, letters: tuple[int, ...], features: list[str]) -> None:
    options = subset.Options(hinting=False, layout_features=features, name_IDs=["*"], notdef_outline=True)
    options.drop_tables += ["FFTM", *(["MATH"] if features else [])]
    font = subset.load_font(str(source), options)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=letters)
    subsetter.subset(font)
    font["head"].modified = font["head"].created  # the same file, whenever it is made
    font.recalcTimestamp = False
    subset.save_font(font, str(target), options)


if __name__ == "__main__":
    for name in ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf"):
        make(Path(sys.argv[1]) / name)
