"""Reads the rows of threads into DuckDB and runs the usual analyses.

pip install duckdb
python tests/data/check_rows_in_duckdb.py target/debug/unspool assets/demo/sgp-lamp-order.json assets/demo/camelai-margin.json
"""

import subprocess
import sys
import tempfile

import duckdb

KINDS = ["thread", "message", "span", "tool_call", "tool_result", "artifact", "chunk", "feedback"]
ANALYSES = {
    "slow operations": "select coalesce(operation, name) as step, count(*), max(duration_ms) from rows"
    " where type in ('span', 'tool_result') group by step order by 3 desc nulls last limit 5",
    "negative answers with their chunks": "select f.description, c.title, c.score from rows f join rows c"
    " using (thread_id, message_id) where f.type = 'feedback' and f.sentiment = 'negative' and c.type = 'chunk' limit 5",
    "tokens per turn": "select thread_id, number, sum(own_total_tokens) from rows where type in ('message', 'span')"
    " group by thread_id, number having sum(own_total_tokens) > 0 order by 3 desc limit 5",
}


def run(*args):
    return subprocess.run(args, check=True, capture_output=True).stdout


program, threads = sys.argv[1], sys.argv[2:]
database = duckdb.connect()
with tempfile.NamedTemporaryFile(suffix=".ndjson") as file:
    file.write(run(program, "export", *threads, "--format", "ndjson", "--quiet"))
    file.flush()
    read = f"read_json('{file.name}', format = 'newline_delimited', union_by_name = true)"
    database.execute(f"create table rows as select * from {read}")
for name, query in ANALYSES.items():
    print(name)
    for row in database.execute(query).fetchall():
        print("  ", row)
for kind in KINDS:
    total = 0
    for thread in threads:
        with tempfile.NamedTemporaryFile(suffix=".csv") as file:
            file.write(run(program, "export", thread, "--format", "csv", "--rows", kind, "--quiet"))
            file.flush()
            total += database.execute(f"select count(*) from read_csv('{file.name}', header = true)").fetchone()[0]
    in_rows = database.execute("select count(*) from rows where type = ?", [kind]).fetchone()[0]
    print(f"{kind}: {in_rows} rows")
    assert total == in_rows, f"CSV has {total} rows"
