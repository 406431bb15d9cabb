"""What is made of a run's records at its end: statistics, contact sheet, report."""

import json
from typing import Any

from serve_app.jobs.files import write_whole
from serve_app.report.page import page
from serve_app.runs import contact_sheet
from serve_app.runs.run import Run
from serve_app.runs.statistics import MACHINE_EUR_PER_HOUR, summary


def without_picture(run: Run) -> list[tuple[str, str]]:
    """Rows whose article has no picture, and why; an article that awaits an answer shows its question."""
    found = run.folder.records()
    lines = []
    for article in run.articles:
        record = found[article.article_id][0]
        fault = record.get("failure") or record.get("rejection")
        question = (record.get("question") or {}).get("text", {})
        why = f"{fault['reason']} ({fault['code']})" if fault else question.get("en")
        if why:
            first, more = article.rows[0], len(article.rows) - 1
            lines.append((f"{first.file} row {first.row}{f' and {more} more' if more else ''}", why))
    return lines


def finish(run: Run, machine_eur: float = MACHINE_EUR_PER_HOUR) -> dict[str, Any]:
    """Writes the three files from the records in the folder, in the order of the sheets; gives the statistics."""
    found = run.folder.records()
    records = {article.article_id: found[article.article_id] for article in run.articles if article.article_id in found}
    numbers = summary(records, run.rows, run.seconds, machine_eur)
    flat = [record for group in records.values() for record in group]
    write_whole(run.folder.statistics, (json.dumps(numbers, ensure_ascii=False, indent=2) + "\n").encode())
    contact_sheet.write(run.folder.contact_sheet, run.folder.root, [record for record in flat if record["image_path"]])
    write_whole(run.folder.report, page(flat, numbers, run.folder.root).encode())
    return numbers
