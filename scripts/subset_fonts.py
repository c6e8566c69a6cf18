"""Make the fonts of attestations again: ``python -m scripts.subset_fonts FOLDER``, of DejaVu Sans 2.37.

What people's names are written with (Latin, Greek, Cyrillic) and punctuation, out of 1.4 MB: a PDF is then made
four times as fast, and the package stays light.
"""

import sys
from pathlib import Path

from fontTools import subset

FONTS = Path(__file__).parent.parent / "notifications" / "fonts"
LETTERS = (
    *range(0x20, 0x7F), *range(0xA0, 0x250), *range(0x2B0, 0x370), *range(0x370, 0x530), *range(0x1E00, 0x1F00),
    *range(0x2000, 0x20D0), *range(0x2100, 0x2150), *range(0x2190, 0x2200), 0xFB01, 0xFB02, 0xFFFD,
)  # fmt: skip


def make(source: Path) -> None:
    """The same font with these letters only, under the same name."""
    options = subset.Options(hinting=False, layout_features=[], name_IDs=["*"], notdef_outline=True)
    options.drop_tables += ["FFTM"]
    font = subset.load_font(str(source), options)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=LETTERS)
    subsetter.subset(font)
    font["head"].modified = font["head"].created  # the same file, whenever it is made
    font.recalcTimestamp = False
    subset.save_font(font, str(FONTS / source.name), options)


if __name__ == "__main__":
    for name in ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf"):
        make(Path(sys.argv[1]) / name)
