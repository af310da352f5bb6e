#!/usr/bin/env python3
"""Ten processes write to and search one library, and are killed at random moments. In the end nothing is broken.

    cargo build && tests/data/kill_library.py target/debug/unspool [KILLS]

Archives, searches and notes of the demo run in a folder of their own; each process is killed after a random time. Then the
library must check clean, its catalogue must be whole, and one made again from the files must be the same.
"""
import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PROCESSES = 10


def main():
    program = os.path.abspath(sys.argv[1])
    kills = int(sys.argv[2]) if len(sys.argv) > 2 else 500
    home = tempfile.mkdtemp(prefix="unspool-kill-")
    environment = {"UNSPOOL_HOME": home, "HOME": home, "PATH": os.environ["PATH"], "TZ": "UTC"}
    rng = random.Random(1)

    def start(*args):
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE}
        return subprocess.Popen([program, *args], env=environment, **quiet)

    def run(*args):
        return subprocess.run([program, *args], env=environment, capture_output=True, text=True)

    threads = [line for line in run("list", "--demo", "--format", "ids").stdout.split()][:300]
    words = ["refund", "order", "lamp", "re*", "policy", "売上", "warranty role:user", "is:negative"]
    running, killed, ended, errors = [], 0, 0, {}
    while killed < kills:
        while len(running) < PROCESSES:
            job = rng.random()
            if job < 0.5:
                process = start("archive", "--demo", "--quiet", *rng.sample(threads, 20))
            else:
                process = start("search", "--demo", rng.choice(words))
            running.append((process, time.monotonic() + rng.uniform(0.01, 1.5)))
        time.sleep(0.005)
        for entry in list(running):
            process, deadline = entry
            if process.poll() is not None:
                running.remove(entry)
                ended += 1
                message = process.stderr.read().decode(errors="replace").strip().splitlines()
                # 5 is "nothing found", 3 "incomplete".
                key = message[0] if message else f"code {process.returncode}"
                # Two archives of one account do not run at once.
                if process.returncode not in (0, 3, 5) and "another process" not in key:
                    errors[key] = errors.get(key, 0) + 1
            elif time.monotonic() > deadline:
                process.send_signal(signal.SIGKILL)
                process.wait()
                running.remove(entry)
                killed += 1
    for process, _ in running:
        process.kill()
        process.wait()

    library = Path(run("library", "path", "--demo").stdout.strip())
    # Ends the run that was killed: a body that it kept may have no line in its log.
    run("archive", "--demo", "--quiet", *threads)
    checked = run("library", "check", "--deep", "--demo")
    run("search", "--demo", "refund")
    database = sqlite3.connect(library / "library.db")
    integrity = database.execute("PRAGMA integrity_check").fetchone()[0]
    try:
        database.execute("INSERT INTO words(words) VALUES ('integrity-check')")
    except sqlite3.OperationalError as error:
        print(f"the index was not checked by SQLite {sqlite3.sqlite_version}: {error}")
    database.close()
    before = run("search", "--demo", "--limit", "100000", "--format", "ids", "customer").stdout.split()
    stats = run("library", "stats", "--demo", "--format", "json").stdout
    for name in ["library.db", "library.db-wal", "library.db-shm"]:
        (library / name).unlink(missing_ok=True)
    run("library", "rebuild", "--demo")
    after = run("search", "--demo", "--limit", "100000", "--format", "ids", "customer").stdout.split()
    rebuilt = run("library", "stats", "--demo", "--format", "json").stdout
    print(f"killed {killed}, ended by themselves {ended}, errors {errors}")
    print(f"integrity {integrity}; check: code {checked.returncode}, {checked.stdout.strip()}")
    print(f"threads {json.loads(stats)['kept_threads']}, hits {len(before)} ({len(set(before))} of them different) and {len(after)}, the same after a rebuild: {sorted(before) == sorted(after)}")
    kept = [json.loads(text)[name] for text in (stats, rebuilt) for name in ("kept_threads", "revisions")]
    is_whole = integrity == "ok" and checked.returncode == 0 and sorted(before) == sorted(after)
    shutil.rmtree(home)
    if errors or not is_whole or kept[:2] != kept[2:]:
        sys.exit("the library is broken")


main()
