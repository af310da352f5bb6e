"""Reads an export of the demo's library as NDJSON with DuckDB and as Parquet with DuckDB, pandas and polars, and compares both
with their manifests and with each other.

pip install duckdb pandas polars pyarrow
python tests/data/check_library_export.py target/debug/unspool [FILTER]

FILTER selects the threads of the demo that are archived: 'app:Support since:30d'.
"""

import hashlib
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import duckdb

program = str(Path(sys.argv[1]).resolve())
threads = ["--filter", sys.argv[2]] if len(sys.argv) > 2 else ["sgp:8c5e1a70-93d2-4b4f-a6c8-0e1f2d3c4b5a", "camelai:1001"]

with tempfile.TemporaryDirectory() as home:
    environment = {**os.environ, "UNSPOOL_HOME": home}

    def run(*args, codes=(0,)):
        done = subprocess.run([program, *args], env=environment, capture_output=True, text=True)
        assert done.returncode in codes, done.stderr
        return done.stdout

    # 3: the demo refuses one of its variants.
    run("archive", "--demo", "--quiet", *threads, codes=(0, 3))
    folder = Path(home, "dataset")
    print(run("library", "export", str(folder), "--demo").strip())
    assert (folder / "_SUCCESS").exists()
    (path,) = (folder / "manifests").iterdir()
    manifest = json.loads(path.read_text())
    for file in manifest["files"]:
        assert hashlib.sha256((folder / file["path"]).read_bytes()).hexdigest() == file["sha256"], file["path"]
    for kind, rows in manifest["rows"].items():
        source = (
            f"read_json('{folder}/{kind}/*/*/*.zst', format = 'newline_delimited', hive_partitioning = true,"
            " hive_types = {'month': varchar}, sample_size = -1, maximum_object_size = 200000000)"
        )
        by_month = duckdb.sql(f"select service, month, count(*) from {source} group by all order by all").fetchall()
        expected = {}
        for file in manifest["files"]:
            if file["kind"] == kind:
                # DuckDB reads Hive's name for a missing value as null.
                month = None if file["month"].startswith("__HIVE") else file["month"]
                expected[file["service"], month] = expected.get((file["service"], month), 0) + file["rows"]
        assert {(service, month): count for service, month, count in by_month} == expected, (kind, by_month, expected)
        origin = f"select count(*) from {source} where account is null or fetched_at is null or revision is null"
        assert duckdb.sql(origin).fetchall() == [(0,)], kind
        print(f"{kind}: {rows} rows")
    tables = [
        f"select own_total_tokens from read_json('{folder}/{kind}/*/*/*.zst', format = 'newline_delimited', sample_size = -1)"
        for kind in ("messages", "spans")
        if kind in manifest["rows"]
    ]
    print("tokens:", duckdb.sql(f"select sum(own_total_tokens) from ({' union all '.join(tables)})").fetchall()[0][0])

    # The same rows as Parquet: the same counts and sums in three engines.
    import pandas
    import polars

    columns = Path(home, "columns")
    print(run("library", "export", str(columns), "--demo", "--format", "parquet").strip())
    (path,) = (columns / "manifests").iterdir()
    assert json.loads(path.read_text())["rows"] == manifest["rows"]
    for kind, count in manifest["rows"].items():
        paths = [str(part) for part in sorted((columns / kind).glob("*/*/*.parquet"))]
        lines = f"read_json('{folder}/{kind}/*/*/*.zst', format = 'newline_delimited', sample_size = -1, maximum_object_size = 200000000)"
        numeric = [name for name, kind_of, *_ in duckdb.sql(f"describe select * from read_parquet({paths})").fetchall()
                   if kind_of in ("BIGINT", "DOUBLE")]
        expected = duckdb.sql(f"select count(*), {', '.join(f'sum({name})::double' for name in numeric)} from {lines}").fetchall()[0]
        found = duckdb.sql(f"select count(*), {', '.join(f'sum({name})::double' for name in numeric)} from read_parquet({paths})").fetchall()[0]
        frame = polars.concat([polars.read_parquet(part) for part in paths])
        table = pandas.concat([pandas.read_parquet(part) for part in paths])
        assert count == frame.height == len(table) == found[0] == expected[0], kind
        for name, want, got in zip(numeric, expected[1:], found[1:]):
            sums = [got or 0.0, float(frame[name].sum() or 0.0), float(table[name].sum() or 0.0)]
            assert all(abs(value - (want or 0.0)) <= 1e-6 * max(1.0, abs(want or 0.0)) for value in sums), (kind, name, want, sums)
        print(f"{kind}: {count} rows and {len(numeric)} sums agree")
