"""The page of a gallery: every picture in its folder, a row a page. Called by script/gallery."""

from __future__ import annotations

import sys
from html import escape
from pathlib import Path

HEAD = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Gallery</title>
<style>
  body { font: 16px/1.5 system-ui; margin: 2rem; color-scheme: light dark; }
  section { display: flex; flex-wrap: wrap; gap: 1rem; align-items: start; margin-block-end: 3rem; }
  h2 { flex-basis: 100%; margin: 0; }
  figure { margin: 0; inline-size: 14rem; }
  img { inline-size: 100%; max-block-size: 20rem; object-fit: cover; object-position: top; border: 1px solid #888; }
</style>
<h1>Every page in every width, theme and language</h1>
"""


def main(folder: Path) -> None:
    """Write index.html into `folder`."""
    rows = []
    for page in sorted(path for path in folder.iterdir() if path.is_dir()):
        figures = "".join(
            f'<figure><a href="{page.name}/{picture.name}"><img src="{page.name}/{picture.name}" loading="lazy" '
            f'alt=""></a><figcaption>{escape(picture.stem)}</figcaption></figure>'
            for picture in sorted(page.glob("*.png"))
        )
        rows.append(f"<section><h2>{escape(page.name)}</h2>{figures}</section>")
    (folder / "index.html").write_text(HEAD + "\n".join(rows) + "\n</html>\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
