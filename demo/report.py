"""The play on paper: one HTML page that needs no network, and the figures as JSON.

Everything foreign enters the page through Jinja's escaping; cards enter the script as JSON without `<`.
Microsoft's renderer draws the cards when its package is installed; our own plain rendering is in the page
already and stays where scripts do not run.
"""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from demo.act import Act
from demo.outcomes import in_words
from demo.pieces import counted
from demo.play import SHUFFLE, Play
from remediation.telling.cards import text_of, words

PAGE = Path(__file__).with_name("page")
RENDERER = Path(__file__).parents[1] / "node_modules" / "adaptivecards" / "dist" / "adaptivecards.min.js"


def write(played: Play, path: Path) -> tuple[Path, Path]:
    """Write PATH.html and PATH.json, and return both paths; raises OSError."""
    page, figures = path.with_name(f"{path.name}.html"), path.with_name(f"{path.name}.json")
    page.write_text(html(played), encoding="utf-8")
    figures.write_text(json.dumps(document(played), indent=2) + "\n", encoding="utf-8")
    return page, figures


def document(played: Play) -> dict[str, Any]:
    """The figures of the play; `secondsToRepaired` is its longest repair, on the lab's clock."""
    total = played.figures
    return {
        "stories": [_story(act) for act in played.acts],
        "events": total.events,
        "duplicatesSent": total.duplicates,
        "armReads": total.reads,
        "armWrites": total.writes,
        "announcements": total.announcements,
        "cards": total.cards,
        "secondsToRepaired": round(played.seconds or 0.0, 3),
    }


def _story(act: Act) -> dict[str, Any]:
    return {
        "name": act.name,
        "ok": act.ok,
        "title": act.title,
        "checks": [asdict(check) for check in act.checks],
        **asdict(act.figures),
        "secondsToRepaired": None if act.span is None else round(act.span.repaired, 3),
        "secondsToReact": None if act.span is None else round(act.span.reaction, 3),
    }


def html(played: Play, renderer: Path = RENDERER) -> str:
    """The whole page as text. Without the renderer's file the cards are drawn by ourselves."""
    environment = Environment(
        loader=FileSystemLoader(PAGE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(
        witness=words.witness, headline=headline, counted=counted, in_words=in_words, lateness=f"{SHUFFLE:g}"
    )
    return environment.get_template("report.html").render(
        played=played,
        setting=played.setting,
        cards=[card for act in played.acts for card in act.cards],
        style=_inlined(PAGE / "report.css"),
        renderer=_inlined(renderer) if renderer.exists() else None,
        script=_inlined(PAGE / "cards.js"),
    )


def headline(card: dict[str, Any]) -> tuple[str, str, str]:
    """What a card is headed with: the kind of news and how bad, what, and where."""
    first, second, third, *_ = [*text_of(card), "", "", ""]
    return first, second, third


def _inlined(path: Path) -> Markup:
    """A file of ours or the renderer's, as the content of a style or script element."""
    text = path.read_text(encoding="utf-8")
    return Markup(text.replace("</script", "<\\/script"))  # noqa: S704  our own files, none of it foreign
