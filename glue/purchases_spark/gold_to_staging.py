"""The rows of a load: the difference between two versions of gold."""

import shutil

from purchases_spark.storage import parts_in
from purchases_spark.tables import parquet, statement, write_lines


def open_gold(session, task):
    """The views gold_before and gold_after, and the load's rows."""
    for name in ("before", "after"):
        if task[name]:
            parquet(session, task[name]).createOrReplaceTempView(f"gold_{name}")
        elif task[name] is not None:
            columns = ", ".join(f"cast(null as {kind}) as {column}" for column, kind in task["columns"]["gold"])
            statement(session, f"select {columns} where false").createOrReplaceTempView(f"gold_{name}")
    return statement(session, task["sql"])


def gold_to_csv(session, task):
    """The load as one CSV file, for a host that streams it to its database: text quoted, NULL an empty field, no header."""
    rows = open_gold(session, task)

    def quoted(name):
        return f"coalesce(concat(chr(34), replace({name}, chr(34), repeat(chr(34), 2)), chr(34)), '')"

    def plain(name):
        return f"coalesce(cast({name} as string), '')"

    text = {"full_name", "email", "operation"}
    line = ", ".join(quoted(name) if name in text else plain(name) for name in rows.columns)
    folder = f"{task['output']}/load"
    write_lines(rows.selectExpr(f"concat_ws(',', {line}) as line"), folder)
    count = 0
    with open(task["path"], "wb") as load:
        for path in parts_in(folder, session):
            with open(path, "rb") as part:
                shutil.copyfileobj(part, load, 1 << 20)
    with open(task["path"], "rb") as load:
        count = sum(piece.count(b"\n") for piece in iter(lambda: load.read(1 << 20), b""))
    return {"rows": count}
