"""The frame of the page and its style sheet: light, dark, narrow and printed."""

# Nothing may be fetched or run: a text that got past the escaping could still do nothing.
POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
GENERATOR = "sae report"

CSS = """
:root { color-scheme: light dark; --ink: #1b1b1b; --paper: #fff; --faint: #5a5a5a; --line: #d8d8d6; --tint: #f5f5f3;
  --alarm: #a40000; --well: #1c6b2a; --accent: #1f4e8c; }
@media screen and (prefers-color-scheme: dark) {
  :root { --ink: #e8e8e6; --paper: #161718; --faint: #a9a9a6; --line: #3a3d41; --tint: #202225;
    --alarm: #ff8a80; --well: #86d993; --accent: #9dc1f2; }
  img.chart { filter: invert(0.91) hue-rotate(180deg); } }
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; scroll-behavior: smooth; }
body { margin: 0 auto; padding: 0.75rem; max-width: 70rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
header { padding: 0.5rem 0 1rem; }
.kind { margin: 0; color: var(--accent); font-weight: 600; }
h1 { font-size: 1.9rem; line-height: 1.2; margin: 0 0 0.25rem; }
h2 { font-size: 1.2rem; line-height: 1.3; margin: 0 0 0.75rem; }
p { margin: 0.6rem 0; max-width: 46rem; }
a { color: var(--accent); }
nav ul { list-style: none; margin: 0.5rem 0 0; padding: 0; display: flex; flex-wrap: wrap; gap: 0 1.1rem; }
nav a { display: inline-block; padding: 0.25rem 0; text-decoration: none; }
nav a:hover, nav a:focus { text-decoration: underline; }
section { padding: 0.9rem; margin: 0 0 1.25rem; border: 1px solid var(--line); border-radius: 0.5rem;
  scroll-margin-top: 1rem; }
@media (min-width: 56rem) {
  body { padding: 2rem; }
  section { padding: 1.25rem; }
  .flow { columns: 2; column-gap: 1.25rem; margin-bottom: 1.25rem; }
  .flow section:last-child { margin-bottom: 0; }
  .flow section { break-inside: avoid; } }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(8.5rem, 1fr)); gap: 0.6rem; margin: 0 0 1rem; }
.tiles div { padding: 0.5rem 0.75rem; background: var(--tint); border-radius: 0.35rem;
  border-left: 0.25rem solid var(--line); }
.tiles .good { border-color: var(--well); }
.tiles .bad { border-color: var(--alarm); }
dt { color: var(--faint); font-size: 0.9rem; }
dd { margin: 0; font-size: 1.35rem; line-height: 1.3; font-variant-numeric: tabular-nums; }
.tiles .good dd { color: var(--well); }
.tiles .bad dd { color: var(--alarm); }
.columns { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(20rem, 100%), 1fr)); gap: 0 2rem; }
.columns > div { min-width: 0; }
.box { overflow-x: auto; max-width: 100%; margin: 0.75rem 0; }
table { border-collapse: collapse; font-size: 0.95rem; font-variant-numeric: tabular-nums; }
caption { text-align: left; color: var(--faint); padding-bottom: 0.25rem; }
th, td { text-align: left; vertical-align: top; padding: 0.25rem 1rem 0.25rem 0; border-bottom: 1px solid var(--line); }
th { font-weight: 600; min-width: 5rem; overflow-wrap: normal; }
td { min-width: 4.5rem; }
table:not(.numbers) td:last-child { min-width: 9rem; }
.options th { white-space: nowrap; }
.numbers td { white-space: nowrap; overflow-wrap: normal; }
figure { margin: 0; }
figure + figure { margin-top: 1.25rem; }
img { display: block; width: 100%; max-width: 34rem; height: auto; margin: 0 auto; }
img.mosaic { image-rendering: pixelated; }
img.plain { background: #fff; }
figcaption { color: var(--faint); font-size: 0.95rem; margin-top: 0.6rem; max-width: 46rem; }
details { margin: 0.75rem 0; }
summary { cursor: pointer; color: var(--accent); padding: 0.2rem 0; }
pre { overflow-x: auto; padding: 0.75rem; background: var(--tint); border-radius: 0.35rem; margin: 0.5rem 0 1rem;
  font-size: 0.9rem; overflow-wrap: normal; }
p.note, p.missing, p.bad, p.good { padding: 0.5rem 0.75rem; background: var(--tint); border-radius: 0.35rem;
  border-left: 0.25rem solid var(--faint); max-width: none; }
p.missing, p.bad { border-color: var(--alarm); }
p.good { border-color: var(--well); }
@media print {
  body { max-width: none; padding: 0; font-size: 10pt; }
  nav { display: none; }
  .flow { columns: 1; }
  section { border: 0; padding: 0.5rem 0; }
  .box, pre { overflow: visible; }
  pre { white-space: pre-wrap; overflow-wrap: anywhere; }
  figure, tr, pre { break-inside: avoid; }
  h2 { break-after: avoid; } }
"""

PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="{generator}">
<title>{kind}: {title}</title>
<link rel="icon" href="data:,">
<style>{css}</style>
</head>
<body>
<header>
<p class="kind">{kind}</p>
<h1>{title}</h1>
<p>{lead}</p>
<nav aria-label="Contents"><ul>
{contents}
</ul></nav>
</header>
<main>
{sections}
</main>
</body>
</html>
"""
