"""Pieces of HTML. Whatever comes from a run goes through `text` on its way to the page."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

from .draw import Picture


def text(value: Any) -> str:
    """Return a value as text that can hold no markup, control character or half of a character."""
    return escape("".join(c if c.isprintable() or c == "\n" else _visible(c) for c in str(value)))


def _visible(character: str) -> str:
    return character.encode("unicode_escape").decode()


def flow(sections: Mapping[str, tuple[str, Iterable[str]]]) -> str:
    """Return sections, each under its heading, by name; several flow into columns where there is room."""
    inside = [
        "\n".join([f'<section id="{name}">', f"<h2>{text(title)}</h2>", *parts, "</section>"])
        for name, (title, parts) in sections.items()
    ]
    return inside[0] if len(inside) == 1 else "\n".join(['<div class="flow">', *inside, "</div>"])


def paragraph(sentence: str, kind: str = "") -> str:
    """Return a paragraph; `kind` is a class of the style sheet."""
    return f"<p{_classed(kind)}>{text(sentence)}</p>"


def tiles(facts: Iterable[tuple[str, str, str]]) -> str:
    """Return (name, value, class) as tiles, for the numbers that matter most."""
    inside = "\n".join(
        f"<div{_classed(kind)}><dt>{text(name)}</dt><dd>{text(value)}</dd></div>" for name, value, kind in facts
    )
    return f'<dl class="tiles">\n{inside}\n</dl>'


def columns(*groups: Iterable[str]) -> str:
    """Return groups of parts beside each other where there is room."""
    inside = "\n".join("\n".join(["<div>", *parts, "</div>"]) for parts in groups)
    return f'<div class="columns">\n{inside}\n</div>'


def more(summary: str, *parts: str) -> str:
    """Return parts that are opened on demand."""
    return "\n".join(["<details>", f"<summary>{text(summary)}</summary>", *parts, "</details>"])


def code(lines: str) -> str:
    """Return lines of code."""
    return f'<pre tabindex="0"><code>{text(lines)}</code></pre>'


def table(caption: str, heads: Sequence[str], rows: Iterable[Sequence[Any]], kind: str = "") -> str:
    """Return a table that scrolls inside its box; the first cell of a row is its heading."""
    top = "".join(f'<th scope="col">{text(head)}</th>' for head in heads)
    body = "\n".join(
        f'<tr><th scope="row">{text(first)}</th>{"".join(f"<td>{text(cell)}</td>" for cell in rest)}</tr>'
        for first, *rest in rows
    )
    return _box(
        caption,
        f"<table{_classed(kind)}>\n<caption>{text(caption)}</caption>\n"
        f"<thead><tr>{top}</tr></thead>\n<tbody>\n{body}\n</tbody>\n</table>",
    )


def figure(picture: Picture, alt: str, caption: str, kind: str = "") -> str:
    """Return a picture with its data inside."""
    data = b64encode(picture.data).decode("ascii")
    image = (
        f'<img{_classed(kind)} src="data:image/png;base64,{data}" alt="{text(alt)}" '
        f'width="{picture.width}" height="{picture.height}">'
    )
    return f"<figure>\n{image}\n<figcaption>{text(caption)}</figcaption>\n</figure>"


def _box(label: str, inside: str) -> str:
    return f'<div class="box" role="region" tabindex="0" aria-label="{text(label)}">\n{inside}\n</div>'


def _classed(kind: str) -> str:
    return f' class="{kind}"' if kind else ""
