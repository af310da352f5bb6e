"""Pushes every demo thread to a real Phoenix and a real MLflow, and compares what they hold with `show --format json`.

python -m venv phoenix && phoenix/bin/pip install arize-phoenix
python -m venv mlflow && mlflow/bin/pip install mlflow
python tests/data/check_traces_in_backends.py target/debug/unspool --phoenix phoenix/bin/phoenix --mlflow mlflow/bin/mlflow

Compared for each thread: spans and their times, tokens, retrieved documents, messages of models, and the text of messages.
The servers run on free ports of loopback, with empty databases, and end with the script.
"""

import argparse
import collections
import contextlib
import datetime
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

THREADS = [
    "8c5e1a70-93d2-4b4f-a6c8-0e1f2d3c4b5a", "b7d0c6e2-5f1a-4c3e-9a84-2d6f0b1e7c95", "demo-languages", "demo-hostile",
    "demo-v0", "demo-slow", "camelai:1001", "camelai:1002", "camelai:1666",
]


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def request(url, body=None, headers=None):
    data = None if body is None else json.dumps(body).encode()
    message = urllib.request.Request(url, data, {"content-type": "application/json", **(headers or {})})
    with urllib.request.urlopen(message, timeout=60) as response:
        return json.loads(response.read() or "null")


@contextlib.contextmanager
def server(command, port, health, variables):
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, **variables, "PHOENIX_WORKING_DIR": folder}
        log = open(os.path.join(folder, "log"), "w")
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log)
        try:
            for _ in range(240):
                with contextlib.suppress(OSError):
                    urllib.request.urlopen(f"http://127.0.0.1:{port}{health}", timeout=5).close()
                    break
                assert process.poll() is None, open(log.name).read()[-2000:]
                time.sleep(0.5)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(30)


def flatten(value, prefix=""):
    """Nested attributes under the names that were sent."""
    if isinstance(value, dict):
        pairs = [(f"{prefix}.{key}" if prefix else str(key), inner) for key, inner in value.items()]
    elif isinstance(value, list):
        pairs = [(f"{prefix}.{index}", inner) for index, inner in enumerate(value)]
    else:
        return {prefix: value}
    return {name: leaf for key, inner in pairs for name, leaf in flatten(inner, key).items()}


def micros(text):
    time = datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
    return round((time - datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)) / datetime.timedelta(microseconds=1))


class Phoenix:
    name = "Phoenix"

    def __init__(self, url):
        self.url, self.headers = url, {}

    def spans(self):
        for project in request(f"{self.url}/v1/projects")["data"]:
            cursor = ""
            while cursor is not None:
                page = request(f"{self.url}/v1/projects/{project['name']}/spans?limit=500{cursor}")
                for span in page["data"]:
                    yield flatten(span["attributes"]), micros(span["start_time"]), micros(span["end_time"])
                cursor = page.get("next_cursor") and f"&cursor={page['next_cursor']}"


class MLflow:
    name = "MLflow"

    def __init__(self, url):
        self.url, self.headers = url, {"x-mlflow-experiment-id": "0"}

    def spans(self):
        token = None
        while True:
            place = {"type": "MLFLOW_EXPERIMENT", "mlflow_experiment": {"experiment_id": "0"}}
            found = request(f"{self.url}/api/3.0/mlflow/traces/search",
                            {"locations": [place], "max_results": 100, "page_token": token})
            for info in found.get("traces", []):
                trace = request(f"{self.url}/api/3.0/mlflow/traces/get?trace_id={info['trace_id']}&allow_partial=true")
                for span in trace["trace"]["spans"]:
                    pairs = {one["key"]: value_of(one["value"]) for one in span["attributes"]}
                    yield pairs, *(number(span.get(f"{side}_time_unix_nano")) // 1000 for side in ("start", "end"))
            token = found.get("next_page_token")
            if not token:
                return


def value_of(value):
    """The value of an OTLP attribute; JSON text for a list or an object, which MLflow parses out of the text it was sent."""
    inner = json_of(value)
    return json.dumps(inner, ensure_ascii=False) if isinstance(inner, (dict, list)) else inner


def json_of(value):
    ((kind, inner),) = value.items() or (("null", None),)
    if kind == "kvlist_value":
        return {pair["key"]: json_of(pair.get("value", {})) for pair in inner.get("values", [])}
    if kind == "array_value":
        return [json_of(one) for one in inner.get("values", [])]
    return inner


def number(value):
    return 0 if value is None else int(value)


def expected_of(thread):
    """The numbers and texts that a backend must hold, by the model of `show --format json`."""
    spans = [span for message in thread["messages"] for span in message["spans"]]
    usages = [one["own_usage"] for one in [*thread["messages"], *spans] if one["own_usage"]]
    # Nanoseconds in 64 bits end in 2262.
    timed = [span for span in spans if span["id"] and span["started_at"] and span["started_at"] <= (span["ended_at"] or "") < "2262"]
    chunks = [span["output"]["chunks"] for span in spans
              if span["operation"] == "KB_RETRIEVAL" and isinstance(span["output"], dict) and span["output"].get("chunks")]
    prompts = [span["input"]["messages"] for span in spans
               if isinstance(span["input"], dict) and isinstance(span["input"].get("messages"), list)]
    texts = [message[side] for message in thread["messages"] for side in ("user", "assistant") if message.get(side)]
    texts += [message["text"] for message in thread["messages"] if message.get("text") and message["role"] in ("user", "assistant")]
    return {
        "spans": sorted(span["id"] for span in spans if span["id"]),
        "times": sorted((span["id"], micros(span["started_at"]), micros(span["ended_at"])) for span in timed),
        "input tokens": sum(number(usage["input_tokens"]) for usage in usages),
        "output tokens": sum(number(usage["output_tokens"]) for usage in usages),
        "documents": sum(map(len, chunks)),
        "messages of models": sum(map(len, prompts)),
        "texts": sorted(set(texts)),
    }


def held_of(spans, expected):
    """The same numbers and texts of the spans that a backend returned for a thread."""
    count = lambda pattern, of=lambda names: True: sum(
        1 for names, _, _ in spans if of(names) for name in names if re.fullmatch(pattern, name))
    total = lambda name: sum(number(names.get(name)) for names, _, _ in spans)
    timed = {key[0] for key in expected["times"]}
    everything = {str(value) for names, _, _ in spans for name, value in names.items()
                  if name in ("input.value", "output.value") or name.endswith((".message.content", ".message_content.text"))}
    has_prompt = lambda names: "unspool.span.id" in names and '"messages"' in str(names.get("input.value"))
    return {
        "spans": sorted(str(names["unspool.span.id"]) for names, _, _ in spans if names.get("unspool.span.id")),
        "times": sorted((str(names["unspool.span.id"]), start, end) for names, start, end in spans
                        if str(names.get("unspool.span.id")) in timed),
        "input tokens": total("llm.token_count.prompt"),
        "output tokens": total("llm.token_count.completion"),
        "documents": count(r"retrieval\.documents\.\d+\.document\.content", lambda names: names.get("unspool.operation") == "KB_RETRIEVAL"),
        "messages of models": count(r"llm\.input_messages\.\d+\.message\.role", has_prompt),
        "texts": sorted(text for text in expected["texts"] if text in everything or text.strip() in everything),
    }


def check(backend, program):
    faults = 0
    models = {}
    for thread in THREADS:
        headers = [word for name in backend.headers for word in ("--header", f"{name}=HEADER")]
        subprocess.run([program, "push", "--demo", thread, "--otlp", backend.url, "--quiet", *headers], check=True,
                       env={**os.environ, "HEADER": "0"})
        shown = subprocess.run([program, "show", "--demo", thread, "--format", "json"], check=True, capture_output=True)
        models[thread] = json.loads(shown.stdout)
    expected = {thread: expected_of(model) for thread, model in models.items()}
    # Backends store a trace after they have answered.
    held = {}
    for _ in range(60):
        traces = group(backend, models)
        held = {thread: held_of(traces[thread], expected[thread]) for thread in THREADS}
        if held == expected:
            break
        time.sleep(1)
    for thread in THREADS:
        for what, value in expected[thread].items():
            if held[thread][what] != value:
                faults += 1
                print(f"{backend.name}: {thread}: {what}: {difference(value, held[thread][what])}")
    total = lambda what: sum(len(one[what]) if isinstance(one[what], list) else one[what] for one in expected.values())
    print(f"{backend.name}: {len(THREADS)} threads, {', '.join(f'{total(what)} {what}' for what in held[THREADS[0]])}:",
          "all there" if faults == 0 else f"{faults} differences")
    return faults


def difference(expected, held):
    if not isinstance(expected, list):
        return f"{held} instead of {expected}"
    missing, more = [[one for one in left if one not in right][:3] for left, right in ((expected, held), (held, expected))]
    return f"{len(held)} instead of {len(expected)}; missing {missing}; more {more}"


def group(backend, models):
    """The spans of each thread: `session.id` stands on roots, `unspool.fields` and ids lead to the others."""
    spans = list(backend.spans())
    owners = {}
    for thread, model in models.items():
        owners[model["thread"]["id"]] = thread
        for message in model["messages"]:
            owners[message["id"]] = thread
            for span in message["spans"]:
                owners[span["id"]] = thread
            for block in message.get("blocks") or []:
                if block.get("id"):
                    owners[block["id"]] = thread
    traces = collections.defaultdict(list)
    for span in spans:
        names = span[0]
        keys = [names.get(name) for name in ("session.id", "unspool.message.id", "unspool.span.id", "gen_ai.tool.call.id")]
        owner = next((owners[str(key)] for key in keys if key is not None and str(key) in owners), None)
        traces[owner].append(span)
    return traces


parser = argparse.ArgumentParser()
parser.add_argument("program")
parser.add_argument("--phoenix")
parser.add_argument("--mlflow")
options = parser.parse_args()
faults = 0
if options.phoenix:
    port, grpc = free_port(), free_port()
    variables = {"PHOENIX_HOST": "127.0.0.1", "PHOENIX_PORT": str(port), "PHOENIX_GRPC_PORT": str(grpc),
                 "PHOENIX_TELEMETRY_ENABLED": "false"}
    with server([os.path.abspath(options.phoenix), "serve"], port, "/healthz", variables) as url:
        faults += check(Phoenix(url), options.program)
if options.mlflow:
    port = free_port()
    command = [os.path.abspath(options.mlflow), "server", "--host", "127.0.0.1", "--port", str(port),
               "--backend-store-uri", "sqlite:///mlflow.db"]
    with server(command, port, "/health", {}) as url:
        faults += check(MLflow(url), options.program)
sys.exit(faults > 0)
