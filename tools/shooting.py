"""What the tools that take pictures share: running a command, a sheet of paper as a picture, keeping one small."""

import os
import subprocess
import sys
from io import BytesIO
from pathlib import Path

from PIL import Image

from qmanual.demo.story import read_story

ROOT = Path(__file__).resolve().parent.parent
DAY = read_story().end.isoformat()
WIDTH = 1200  # of every picture but that of a sheet of paper or of a form, pixels
COLOURS = 256  # all that an indexed picture has


def run(root: Path, *words: str, day: str = DAY) -> str:
    """What a command prints, as of the last day of the story or another."""
    place = os.pathsep.join([str(ROOT / "plugins"), *filter(None, [os.environ.get("PYTHONPATH")])])
    command = (sys.executable, "-m", "qmanual", "--root", str(root), "--today", day, "--lang", "zh", *words)
    done = subprocess.run(
        command, capture_output=True, encoding="utf-8", check=False, env={**os.environ, "PYTHONPATH": place}
    )
    if done.returncode > 1 or not done.stdout:
        raise SystemExit(done.stderr)
    return done.stdout


def keep(data: bytes, target: Path) -> None:
    """Write a picture with few colours and nothing but its points."""
    picture = Image.open(BytesIO(data)).convert("RGB")
    few = picture.quantize(COLOURS, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    few.save(target, optimize=True)
    print(f"{target.name}: {few.width} × {few.height}, {target.stat().st_size // 1024} KB")


def sheet(pdf: Path, target: Path, dots: int = 92, height: int = 0) -> None:
    """The first page of a PDF; `height`: how many pixels of it from above, 0: all."""
    words = ["pdftoppm", "-r", str(dots), "-f", "1", "-l", "1", "-png", "-singlefile", str(pdf)]
    words += ["-x", "0", "-y", "0", "-W", str(WIDTH), "-H", str(height)] if height else []
    keep(subprocess.run(words, capture_output=True, check=True).stdout, target)
