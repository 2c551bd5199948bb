"""Texture transfer, parsing edits and sequences of a run, judged by drawn truths: tables and pictures."""

from __future__ import annotations

import dataclasses
import json
import pathlib
from collections.abc import Mapping, Sequence

import numpy as np
import tqdm

from spt_tf.applications.parsing_edits.edits import edit_parsing
from spt_tf.applications.parsing_edits.zones import CannotPlace
from spt_tf.applications.pose_sequence.moving_pictures import write_gif
from spt_tf.data.atomic_write import write_whole
from spt_tf.evaluation.applications import edit_scores, sequence_scores, texture_scores
from spt_tf.evaluation.applications.drawn_truth import edit_cases, exchanges, movements
from spt_tf.evaluation.applications.regions import RegionTextures
from spt_tf.evaluation.applications.sheets import side_by_side, write_cases, write_strips
from spt_tf.evaluation.applications.texture_scores import Parser
from spt_tf.inference import FinishedRun
from spt_tf.perception.finder import load_finder
from spt_tf.visualize import parsing_image

_BACK_AND_FORTH = 50  # exchanges whose garments also go back, and come from oneself
Table = dict[str, dict[str, float]]


@dataclasses.dataclass(frozen=True)
class ApplicationsPlan:
    """How much is measured.

    seed: of the dolls. exchanges: pairs of people. edited: people whose maps are edited, each in every way.
    movements: dolls that move; frames: of each. image_parser: run directory of a finder, which sees the
    labels in pictures; None leaves out what it says.
    """

    output_dir: str
    seed: int = 12
    exchanges: int = 200
    edited: int = 60
    movements: int = 10
    frames: int = 24
    image_parser: str | None = None


def evaluate_applications(run: FinishedRun, plan: ApplicationsPlan) -> str:
    """Writes applications.txt, applications.json and pictures to the plan's output_dir; returns the text."""
    output_dir = pathlib.Path(plan.output_dir)
    output_dir.mkdir(parents=True, exist_ok=True)
    parser = _parser(plan, run.canvas)
    tables = {
        "texture transfer": _texture(run, plan, parser, output_dir),
        "parsing edits": _edits(run, plan, parser, output_dir),
        **_sequences(run, plan, output_dir),
    }
    meanings = {**texture_scores.MEANINGS, **edit_scores.MEANINGS, **sequence_scores.MEANINGS}
    about = f"stage {run.stage}, step {run.step}, {run.canvas[0]}x{run.canvas[1]}, dolls of seed {plan.seed}"
    text = "\n".join([f"# {about}", *_lines(tables), "", *(f"{n}: {m}" for n, m in meanings.items()), ""])
    write_whole(output_dir / "applications.txt", text.encode())
    write_whole(output_dir / "applications.json", json.dumps(tables, indent=2).encode())
    return text


def _texture(
    run: FinishedRun, plan: ApplicationsPlan, parser: Parser | None, output_dir: pathlib.Path
) -> Table:
    textures, methods = RegionTextures(), texture_scores.transfers(run)
    scores: dict[str, list[dict[str, float]]] = {}
    rows, captions, badness = [], [], []
    cases = exchanges(plan.seed, plan.exchanges, run.canvas)
    for number, case in enumerate(tqdm.tqdm(cases, total=plan.exchanges, desc="texture", unit="pair")):
        made = {name: transfer(case.a, case.b, case.labels) for name, transfer in methods.items()}
        made = {**made, "b_unchanged": case.b.image, "truth": case.truth.image}
        judge = texture_scores.ExchangeJudge(case, textures, parser)
        for name, image in made.items():
            score = judge(image)
            if number < _BACK_AND_FORTH and name in methods:
                score["round_trip"] = texture_scores.round_trip(methods[name], case)
                oneself = texture_scores.from_oneself(methods[name], case)
                score["from_oneself"], score["from_another_picture"] = oneself
            scores.setdefault(name, []).append(score)
            if case.turned and name != "b_unchanged":
                scores.setdefault(f"{name}, front and back", []).append(score)
        rows.append(
            {"A": case.a.image, "B": case.b.image, **{n: i for n, i in made.items() if n != "b_unchanged"}}
        )
        captions.append(f"pair {number}{', front and back' if case.turned else ''}")
        badness.append(scores["transferred"][-1]["inside"])
    write_cases(output_dir / "texture_transfer.png", rows, captions, badness)
    return _means(scores)


def _edits(
    run: FinishedRun, plan: ApplicationsPlan, parser: Parser | None, output_dir: pathlib.Path
) -> Table:
    methods = edit_scores.draws(run)
    scores: dict[str, list[dict[str, float]]] = {}
    rows, captions, badness = [], [], []
    for case in tqdm.tqdm(edit_cases(plan.seed, plan.edited, run.canvas), desc="edits", unit="edit"):
        try:
            edited = edit_parsing(case.person.parsing, case.person.keypoints, case.edits)
        except CannotPlace:
            scores.setdefault("edited", []).append({"refused": 1.0})
            continue
        if (edited == case.person.parsing).all() and (case.truth.parsing == edited).all():
            continue
        made = {name: draw(case.person, edited) for name, draw in methods.items()}
        for name, image in made.items():
            score = edit_scores.score_edit(case, edited, image, parser)
            if name == "edited":
                score |= {"map": edit_scores.map_agreement(case, edited), "refused": 0.0}
                scores.setdefault(f"edited, {case.name}", []).append(score)
            scores.setdefault(name, []).append(score)
        true_map = methods["edited"](case.person, case.truth.parsing)
        score = edit_scores.score_edit(case, case.truth.parsing, true_map, parser)
        scores.setdefault("edited, on the drawn map", []).append(score)
        scores.setdefault("truth", []).append({"seen": edit_scores.ceiling(case, parser)})
        maps = {"map": parsing_image(case.person.parsing), "edited_map": parsing_image(edited)}
        shown = {name: image for name, image in made.items() if name != "photo_unchanged"}
        rows.append({"photo": case.person.image, **maps, **shown, "truth": case.truth.image})
        captions.append(case.name)
        badness.append(scores["edited"][-1]["near"])
    write_cases(output_dir / "parsing_edits.png", rows, captions, badness)
    return _means(scores)


def _sequences(run: FinishedRun, plan: ApplicationsPlan, output_dir: pathlib.Path) -> dict[str, Table]:
    """The same movements by poses as annotated and as a detector would find them."""
    scores: dict[str, dict[str, list[dict[str, float]]]] = {}
    moving = movements(plan.seed, plan.movements, plan.frames, run.canvas)
    for number, movement in enumerate(tqdm.tqdm(moving, total=plan.movements, desc="sequences")):
        truth = np.stack([picture.image for picture in movement.truth])
        given = {
            "annotated": movement.poses,
            "detected": sequence_scores.detected(movement, plan.seed + number),
        }
        for how, poses in given.items():
            videos = {"truth": truth}
            for name, generate in sequence_scores.generators(run).items():
                videos[name] = generate(movement.person, poses)
                score = sequence_scores.score_sequence(movement, videos[name])
                scores.setdefault(f"sequences, poses {how}", {}).setdefault(name, []).append(score)
        if number == 0:
            shown = {name: videos[name] for name in ("truth", "frame_by_frame", "sequence")}
            write_strips(output_dir / "sequence.png", shown)
            factor = max(1, round(192 / run.canvas[0]))
            write_gif(output_dir / "sequence.gif", side_by_side(shown, factor), fps=10)
    return {name: _means(of_one_kind) for name, of_one_kind in scores.items()}


def _parser(plan: ApplicationsPlan, canvas: tuple[int, int]) -> Parser | None:
    if plan.image_parser is None:
        return None
    finder = load_finder(plan.image_parser)
    if finder.canvas != tuple(canvas):
        raise ValueError(
            f"--image_parser={plan.image_parser}: parses images of {list(finder.canvas)}, these are "
            f"{list(canvas)}"
        )
    return lambda image: finder.find(image).parsing.numpy()


def _means(scores: Mapping[str, Sequence[Mapping[str, float]]]) -> Table:
    """Each number's mean over the cases that have it, and how many cases there are."""
    table = {}
    for method, rows in scores.items():
        names = list(dict.fromkeys(name for row in rows for name in row))
        columns = {name: np.array([row.get(name, np.nan) for row in rows]) for name in names}
        known = {name: column for name, column in columns.items() if not np.isnan(column).all()}
        table[method] = {"cases": len(rows), **{name: float(np.nanmean(v)) for name, v in known.items()}}
    return table


def _lines(tables: Mapping[str, Table]) -> list[str]:
    lines = []
    for title, table in tables.items():
        names = list(dict.fromkeys(name for row in table.values() for name in row))
        width = max(map(len, table))
        lines += ["", f"{title.ljust(width)}  {'  '.join(name.rjust(8) for name in names)}"]
        for method, row in table.items():
            cells = [f"{row[n]:.4g}" if n in row else "-" for n in names]
            lines.append(
                f"{method.ljust(width)}  {'  '.join(c.rjust(max(8, len(n))) for c, n in zip(cells, names))}"
            )
    return lines
