"""Reads the rows of threads into pandas, polars, ClickHouse (chdb) and DuckDB, and runs the same analyses in each.

pip install pandas polars chdb duckdb
python tests/data/check_rows_in_engines.py target/debug/unspool assets/demo/*.json

Each engine reads the NDJSON as it is, and every kind of row as CSV. All must count the same rows and give the same answers.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

import chdb
import duckdb
import pandas
import polars

KINDS = ["thread", "message", "span", "tool_call", "tool_result", "artifact", "chunk", "feedback"]
STEP = "coalesce(operation, name)"
# One text for both SQL engines.
SQL = {
    "slow operations": f"select {STEP} as step, count(*) as calls, max(duration_ms) as slowest from rows"
    " where type in ('span', 'tool_result') and duration_ms is not null group by step order by slowest desc, step limit 5",
    "negative answers with their chunks": "select f.description as description, c.title as title, c.score as score"
    " from rows f join rows c on f.thread_id = c.thread_id and f.message_id = c.message_id"
    " where f.type = 'feedback' and f.sentiment = 'negative' and c.type = 'chunk'"
    " order by score desc, title, description limit 5",
    "tokens per turn": "select thread_id, number, sum(own_total_tokens) as tokens from rows"
    " where type in ('message', 'span') group by thread_id, number having sum(own_total_tokens) > 0"
    " order by tokens desc, thread_id limit 5",
}


def run(*args):
    return subprocess.run(args, check=True, capture_output=True).stdout


def plain(rows):
    """Rows as tuples of Python values: counts as int, other numbers rounded, missing values as None."""

    def value(cell):
        if cell is None or cell != cell:
            return None
        return round(float(cell), 6) if isinstance(cell, (int, float)) or hasattr(cell, "dtype") else cell

    return [tuple(value(cell) for cell in row) for row in rows]


def with_pandas(path):
    rows = pandas.read_json(path, lines=True, dtype={"thread_id": str, "message_id": str})
    steps = rows[rows.type.isin(["span", "tool_result"]) & rows.duration_ms.notna()]
    slow = steps.assign(step=steps.operation.fillna(steps.name)).groupby("step").duration_ms.agg(["size", "max"])
    slow = slow.reset_index().sort_values(["max", "step"], ascending=[False, True])
    negative = rows[(rows.type == "feedback") & (rows.sentiment == "negative")]
    chunks = negative.merge(rows[rows.type == "chunk"], on=["thread_id", "message_id"], suffixes=("", "_of_chunk"))
    chunks = chunks[["description", "title_of_chunk", "score_of_chunk"]]
    chunks = chunks.sort_values(["score_of_chunk", "title_of_chunk", "description"], ascending=[False, True, True])
    turns = rows[rows.type.isin(["message", "span"])].groupby(["thread_id", "number"]).own_total_tokens.sum()
    turns = turns[turns > 0].reset_index().sort_values(["own_total_tokens", "thread_id"], ascending=[False, True])
    return rows.type.value_counts().to_dict(), [frame.head(5).values.tolist() for frame in (slow, chunks, turns)]


def with_polars(path):
    rows = polars.read_ndjson(path, infer_schema_length=None)
    steps = rows.filter(polars.col("type").is_in(["span", "tool_result"]) & polars.col("duration_ms").is_not_null())
    steps = steps.with_columns(polars.coalesce("operation", "name").alias("step"))
    slow = steps.group_by("step").agg(polars.len(), polars.col("duration_ms").max())
    slow = slow.sort(["duration_ms", "step"], descending=[True, False])
    negative = rows.filter((polars.col("type") == "feedback") & (polars.col("sentiment") == "negative"))
    chunks = negative.join(rows.filter(polars.col("type") == "chunk"), on=["thread_id", "message_id"], suffix="_of_chunk")
    chunks = chunks.select("description", "title_of_chunk", "score_of_chunk")
    chunks = chunks.sort(["score_of_chunk", "title_of_chunk", "description"], descending=[True, False, False])
    turns = rows.filter(polars.col("type").is_in(["message", "span"])).group_by("thread_id", "number")
    turns = turns.agg(polars.col("own_total_tokens").sum()).filter(polars.col("own_total_tokens") > 0)
    turns = turns.sort(["own_total_tokens", "thread_id"], descending=[True, False])
    counts = dict(rows.group_by("type").len().iter_rows())
    return counts, [frame.head(5).rows() for frame in (slow, chunks, turns)]


def with_clickhouse(path):
    session = chdb.session.Session()

    def query(text):
        frame = session.query(text, "Arrow")
        return polars.read_ipc(frame.bytes()).rows()

    session.query("create database d")
    session.query(f"create table d.rows engine = MergeTree order by tuple() as select * from file('{path}', 'JSONEachRow')"
                  " settings schema_inference_make_columns_nullable = 1, input_format_max_rows_to_read_for_schema_inference = 1000000")
    text = lambda row: tuple(cell.decode() if isinstance(cell, bytes) else cell for cell in row)
    counts = dict(text(row) for row in query("select type, count(*) from d.rows group by type"))
    return counts, [[text(row) for row in query(sql.replace("from rows", "from d.rows").replace("join rows", "join d.rows"))] for sql in SQL.values()]


def with_duckdb(path):
    database = duckdb.connect()
    read = f"read_json('{path}', format = 'newline_delimited', union_by_name = true, sample_size = -1)"
    database.execute(f"create table rows as select * from {read}")
    counts = dict(database.execute("select type, count(*) from rows group by type").fetchall())
    return counts, [database.execute(sql).fetchall() for sql in SQL.values()]


CSV_READERS = {
    "pandas": lambda path: len(pandas.read_csv(path)),
    "polars": lambda path: polars.read_csv(path, infer_schema_length=None).height,
    "ClickHouse": lambda path: int(str(chdb.query(f"select count(*) from file('{path}', 'CSVWithNames')", "CSV"))),
    "DuckDB": lambda path: duckdb.sql(f"select count(*) from read_csv('{path}', header = true)").fetchall()[0][0],
}

program, threads = sys.argv[1], sys.argv[2:]
folder = Path(tempfile.mkdtemp())
everything = folder / "rows.ndjson"
everything.write_bytes(run(program, "export", *threads, "--format", "ndjson", "--quiet"))
answers = {}
for engine, read in [("pandas", with_pandas), ("polars", with_polars), ("ClickHouse", with_clickhouse), ("DuckDB", with_duckdb)]:
    counts, results = read(str(everything))
    answers[engine] = ({kind: counts.get(kind, 0) for kind in KINDS}, [plain(result) for result in results])
first = answers["pandas"]
for engine, answer in answers.items():
    assert answer == first, f"{engine} differs:\n{answer}\n{first}"
for name, result in zip(SQL, first[1]):
    print(name)
    for row in result:
        print("  ", row)
for kind in KINDS:
    totals = dict.fromkeys(CSV_READERS, 0)
    for thread in threads:
        path = folder / "rows.csv"
        path.write_bytes(run(program, "export", thread, "--format", "csv", "--rows", kind, "--quiet"))
        # Not every engine can guess the types of a table without rows.
        if path.read_bytes().count(b"\n") > 1:
            for engine, count in CSV_READERS.items():
                totals[engine] += count(str(path))
    assert set(totals.values()) == {first[0][kind]}, f"{kind}: {totals} in CSV, {first[0][kind]} in NDJSON"
    print(f"{kind}: {first[0][kind]} rows")
print(f"{len(threads)} threads: {', '.join(answers)} agree")
