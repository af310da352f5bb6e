#!/usr/bin/env python3
"""Runs the program's own SQL on a current ClickHouse: chdb, the server's engine as a Python package.

    pip install chdb
    cargo build
    python3 tests/data/check_clickhouse_in_chdb.py target/debug/unspool

A small server on this machine speaks ClickHouse's HTTP interface and passes each statement to chdb. The program pushes the
library of the demo to it, and the searches, lists and sums that it reads back must be those of the local library. Prints
the version, and whether the index of words was used.
"""

import gzip
import http.server
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import urllib.parse

from chdb import session

QUERIES = [
    "the", "refund", "refu*", "r*", '"how long"', "refund -warranty", "role:user the", "is:failed", "is:negative",
    "sql", "revenue", "国", "since:2020-01-01 order", "camel*", "gpt-4o", "app:support the", "user:a order", "changed:yes the",
    "duration>2s the", "tokens>100", "cost>0",
]

engine = session.Session()
lock = threading.Lock()
statements = []


def run(sql, form="JSONEachRow"):
    with lock:
        return engine.query(sql, form).bytes()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        parameters = urllib.parse.parse_qs(urllib.parse.urlparse(self.path).query)
        status, result = 200, b""
        try:
            if "query" in parameters:
                insert(parameters["query"][0], body)
            else:
                statements.append(body.decode())
                result = execute(body.decode())
        except Exception as error:  # noqa: BLE001
            status, result = 500, str(error).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(result)))
        self.end_headers()
        self.wfile.write(result)

    def log_message(self, *_):
        pass


def execute(sql):
    sql, _, form = sql.rpartition(" FORMAT ") if " FORMAT " in sql else (sql, "", "TSV")
    return run(sql, form.strip())


def insert(sql, rows):
    """INSERT INTO TABLE [(COLUMNS)] FORMAT NAME, with the rows in a file."""
    target, _, form = sql.removeprefix("INSERT INTO ").rpartition(" FORMAT ")
    table, _, columns = target.partition(" ")
    described = run(f"DESCRIBE TABLE {table}", "TSV").decode().splitlines()
    types = {line.split("\t")[0]: line.split("\t")[1] for line in described}
    names = [name.strip() for name in columns.strip("() ").split(",")] if columns else list(types)
    structure = ", ".join(f"{name} {types[name]}" for name in names).replace("'", "\\'")
    with tempfile.NamedTemporaryFile(dir=files) as file:
        file.write(rows)
        file.flush()
        listed = ", ".join(names)
        run(f"INSERT INTO {table} ({listed}) SELECT {listed} FROM file('{file.name}', '{form.strip()}', '{structure}')")


program = os.path.abspath(sys.argv[1])
files = tempfile.mkdtemp()
home = tempfile.mkdtemp()
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
address = f"clickhouse://127.0.0.1:{server.server_port}/check"


def unspool(*words):
    done = subprocess.run(
        [program, *words], env={"HOME": home, "UNSPOOL_HOME": home, "PATH": os.environ["PATH"]}, capture_output=True
    )
    return done.returncode, done.stdout.decode(), done.stderr.decode()


code, _, error = unspool("archive", "--demo", "--quiet", "--filter", "since:120d")
assert code in (0, 3), error
code, _, error = unspool("archive", "--demo", "--quiet", "--provider", "camelai")
assert code in (0, 3), error
code, out, error = unspool("library", "push", "--demo", "--to", address)
assert code == 0, error
print("ClickHouse", run("SELECT version()", "TSV").decode().strip(), "·", out.strip())
os.makedirs(f"{home}/config", exist_ok=True)
with open(f"{home}/config/config.toml", "w") as config:
    config.write(f'[profiles.team]\nservice = "sgp"\nlibrary = "{address}"\n')

failures, hits = 0, 0
for query in QUERIES:
    words = ("search", "--limit", "100000", "--format", "ndjson", query)
    local, remote = unspool(*words, "--demo"), unspool(*words, "--profile", "team")
    hits += local[1].count("\n")
    if local[:2] != remote[:2]:
        failures += 1
        print(f"FAILED {query}: {local[1].count(chr(10))} hits here, {remote[1].count(chr(10))} there\n{remote[2]}")
words = ("library", "stats", "--format", "json")
if unspool(*words, "--demo")[1] != unspool(*words, "--profile", "team")[1]:
    failures += 1
    print("FAILED stats")
again = unspool("library", "push", "--demo", "--to", address)
if not again[1].startswith("sent 0 threads"):
    failures += 1
    print("FAILED second push:", again)

# The condition of a search for a word, as the program wrote it.
searches = [sql for sql in statements if "hasAllTokens" in sql and "LIMIT 200" in sql]
condition = searches[0][searches[0].index("hasAllTokens"):].split(")\n")[0]
plan = run(f"EXPLAIN indexes = 1 SELECT thread FROM check.messages WHERE {condition}", "TSV").decode()
if "words_index" not in plan:
    failures += 1
    print("FAILED: the index of words is not used\n", plan)
print(f"{len(QUERIES)} queries, {hits} hits, {len(statements)} statements, index of words used: {'words_index' in plan}")
sys.stdout.flush()
shutil.rmtree(files)
shutil.rmtree(home)
# The engine's threads do not end by themselves.
os._exit(1 if failures else 0)
