"""Live silver to gold. The SQL comes with the task; here are the files that its views are made of."""

import os

from purchases_spark.errors import PurchasesError
from purchases_spark.session import settings
from purchases_spark.storage import parts_in
from purchases_spark.tables import parquet, statement, write_parquet

LAST_ID = 2**31 - 1
KEYS_SCHEMA = "customer_key string, customer_id int"
# Ranges of arrival in which new customer keys are numbered side by side.
KEY_RANGES = 256
SENT_OBJECTS = 200_000
# Spark shuffles to 200 partitions, be they of ten rows or of ten million.
ROWS_A_PARTITION = 500_000


def silver_to_gold(session, task):
    """`task`: see gold-task.ts. Answers what GoldResult holds, with the parts of gold that are to be given their keys."""
    rows = sum(one["rows"] for one in task["live"])
    partitions = max(session.sparkContext.defaultParallelism, rows // ROWS_A_PARTITION)
    with settings(session, {"spark.sql.shuffle.partitions": str(partitions)}):
        return gold_of(session, task)


def gold_of(session, task):
    sql, made = task["sql"], []
    try:
        open_versions(session, task, made)
        keys = register_keys(session, task, made)
        before = task.get("before")
        if before is not None:
            open_before(session, before)
        views(session, sql["whole" if before is None else "touched"], made)
        fates = count_fates(session, sql["fates"], task["counted"])
        folder = f"{task['output']}/gold"
        write_parquet(statement(session, sql["gold"]["whole" if before is None else "touched"]), folder)
        return {**written(session, task, folder), "fates": fates, "keys": keys}
    finally:
        for view in made:
            view.unpersist()


def views(session, statements, made, **values):
    for one in statements:
        text = one["sql"]
        for name, value in values.items():
            text = text.replace(f"{{{name}}}", str(value))
        view = statement(session, text)
        if one.get("keep"):
            made.append(view.persist())
            view.count()
        view.createOrReplaceTempView(one["name"])


def silver_rows(session, files):
    """
    Rows of silver files with the end of their file's path: a file may hold objects that are live no
    more.
    """
    tail = "substring_index(_metadata.file_path, '/', -3) as silver"
    return parquet(session, sorted(set(files.values()))).selectExpr("*", tail)


def tail(path):
    """
    The end of a path, which tells files of silver apart wherever they lie. The part before it is
    the user's, and Spark spells it otherwise.
    """
    return "/".join(path.split("/")[-3:])


def sent(objects, number):
    """The objects, to be sent to every executor: Spark does not know how few they are, and would send the rows or shuffle them."""
    return objects.hint("broadcast") if number <= SENT_OBJECTS else objects


def open_versions(session, task, made):
    live = [(one["key"], tail(task["silver"][one["silver"]]), one["position"]) for one in task["live"]]
    frame = session.createDataFrame(live, "object_key string, silver string, position bigint")
    sent(frame, len(live)).createOrReplaceTempView("live")
    customer_keys(session, task["keys"]["files"])
    if live:
        silver_rows(session, task["silver"]).createOrReplaceTempView("silver_rows")
    else:
        columns = ", ".join(f"cast(null as {kind}) as {name}" for name, kind in task["columns"]["silver"])
        statement(session, f"select {columns}, '' as silver where false").createOrReplaceTempView("silver_rows")
    read = statement(session, task["sql"]["versionsRead"])
    read.createOrReplaceTempView("versions_read")
    task["keyed"] = len(read.where("customer_key is not null").limit(1).take(1)) > 0
    statement(session, task["sql"]["versions"]["keyed" if task["keyed"] else "plain"]).createOrReplaceTempView("versions")


def customer_keys(session, files, view="customer_keys"):
    frame = session.createDataFrame([], KEYS_SCHEMA)
    if files:
        frame = parquet(session, files).selectExpr("customer_key", "cast(customer_id as int) as customer_id")
    frame.createOrReplaceTempView(view)


def register_keys(session, task, made):
    """Gives every new customer key the next integer that is nobody's, in order of arrival."""
    keys, first = task["keys"], task["keys"]["next"]
    renumber = keys.get("renumber")
    customer_keys(session, keys.get("former") or [], "former_keys")
    erased = session.createDataFrame([(None, one) for one in keys.get("erased") or []], KEYS_SCHEMA)
    session.table("former_keys").unionByName(erased).createOrReplaceTempView("former_keys")
    kept = withdraw(session, renumber) if renumber else None
    if keys["files"] and not renumber:
        must_not_collide(session, task["sql"]["colliding"])
    fresh = number_keys(session, task, made) if task["keyed"] else 0
    if fresh == 0 and not renumber:
        return {"file": None, "next": first}
    written = session.table("numbered") if fresh else kept.where("false")
    if renumber:
        written = kept.selectExpr("customer_key", "cast(customer_id as bigint) as customer_id").unionByName(written)
    folder = f"{task['output']}/keys"
    # The ledger names one file of keys a commit; coalesce(1) would have one task number them too.
    write_parquet(written.repartition(1).sortWithinPartitions("customer_id"), folder)
    paths = parts_in(folder, session)
    customer_keys(session, [*([] if renumber else keys["files"]), *paths])
    statement(session, task["sql"]["versions"]["keyed"]).createOrReplaceTempView("versions")
    [[last, rows]] = parquet(session, paths).selectExpr("max(customer_id)", "count(*)").collect()
    file = {"path": paths[0], "key": keys["file"], "rows": rows} if rows else None
    return {"file": file, "next": max(first, (last or 0) + 1), **({"replaced": True} if renumber else {})}


def must_not_collide(session, sql):
    """Fails where a row has a customer_id that the registry gave to a key: two people would be one."""
    [[first, last]] = session.table("customer_keys").selectExpr("min(customer_id)", "max(customer_id)").collect()
    if first is None:
        return
    rows = statement(session, sql["rows"].replace("{first}", str(first)).replace("{last}", str(last)))
    real = rows.orderBy("customer_id", "arrival").limit(1).collect()
    if not real:
        return
    customer = real[0]["customer_id"]
    numbers = rows.select("customer_id").distinct().count()
    keyed = statement(session, sql["keyed"].replace("{customer}", str(customer))).collect()
    key = place(keyed[0]) if keyed else "no row has it now"
    more = f" {numbers} numbers collide in this way." if numbers > 1 else ""
    raise PurchasesError(
        "CustomerIdsCollide",
        sql["message"].format(customer=customer, real=place(real[0]), key=key) + more,
        sql["hint"],
    )


def place(row):
    return f"{row['object_key']} row {row['row_number']}"


def withdraw(session, renumber):
    """Takes their integers from the keys that are to get others; those that keep theirs."""
    before = session.table("customer_keys")
    session.table("former_keys").unionByName(before).createOrReplaceTempView("former_keys")
    real = session.table("versions_read").where("customer_id is not null").select("customer_id")
    kept = before.where("false") if renumber == "all" else before.join(real, "customer_id", "left_anti")
    kept = kept.select("customer_key", "customer_id")
    kept.createOrReplaceTempView("customer_keys")
    return kept


def number_keys(session, task, made):
    """The view `numbered`: every new key with its integer; how many they are."""
    sql, first = task["sql"], task["keys"]["next"]
    rows = max(one["position"] + one["rows"] for one in task["live"])
    views(session, sql["freshKeys"], made, width=rows // KEY_RANGES + 1, next=first)
    fresh = session.table("fresh").count()
    taken = session.table("taken").count() if fresh else 0
    end = min(first + fresh + taken, LAST_ID + 1)
    if taken:
        width = max(end - first, 0) // KEY_RANGES + 1
        views(session, sql["numbered"]["pastTaken"], made, width=width, next=first, end=max(first, end))
        enough = session.table("free").count() >= fresh
    else:
        views(session, sql["numbered"]["plain"], made, next=first)
        enough = end >= first + fresh
    if not enough:
        exhausted = sql["exhausted"]
        message = exhausted["message"].format(fresh=fresh, next=first)
        raise PurchasesError("CustomerIdsExhausted", message, exhausted["hint"])
    return fresh


def open_before(session, before):
    parquet(session, before["gold"]).createOrReplaceTempView("gold_before")
    wanted = [(one["key"], tail(before["silver"][one["silver"]])) for one in before["arrived"] + before["departed"]]
    frame = session.createDataFrame(wanted, "object_key string, silver string")
    sent(frame, len(wanted)).createOrReplaceTempView("wanted")
    if wanted:
        silver_rows(session, before["silver"]).createOrReplaceTempView("changed_rows")
    else:
        session.table("silver_rows").where("false").createOrReplaceTempView("changed_rows")


def count_fates(session, text, counted):
    fates = {key: {"accepted": 0, "duplicate": 0, "superseded": 0, "deleted": 0} for key in counted}
    for row in statement(session, text).collect():
        if row["object_key"] in fates:
            fates[row["object_key"]][row["fate"]] = row["lines"]
    return fates


def written(session, task, folder):
    """Looks at the gold that was written, rather than computing it again."""
    paths = parts_in(folder, session)
    parquet(session, paths).createOrReplaceTempView("gold")
    unfit = statement(session, task["sql"]["unfit"]).collect()
    if unfit:
        customer = unfit[0]["customer_id"]
        raise PurchasesError(
            "TotalOutOfRange",
            f"The total of customer {customer} does not fit DECIMAL(18,2), below 10^16 AUD.",
            f'List its purchases: purchases query "select * from silver where customer_id = {customer} order by amount_aud desc".',
        )
    [digest] = statement(session, task["sql"]["digest"]).collect()
    [total] = statement(session, task["sql"]["total"]).collect()
    return {
        "files": gold_files(session, task, paths),
        "customers": digest["row_count"],
        "total": total["total"],
        "digest": digest["digest"],
    }


def gold_files(session, task, paths):
    named = parquet(session, paths).selectExpr("_metadata.file_name as name")
    counts = {row["name"]: row["count"] for row in named.groupBy("name").count().collect()}
    kept = [path for path in paths if counts.get(os.path.basename(path), 0) > 0] or paths[:1]
    return [
        {"path": path, "key": f"{task['goldPrefix']}part-{at:05d}.parquet", "rows": counts.get(os.path.basename(path), 0)}
        for at, path in enumerate(kept)
    ]
