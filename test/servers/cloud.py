"""A cloud on this machine: moto behind a front end of the tests.

usage: cloud.py PORT [RUNTIME]

What plain moto lacks is added here. S3 writes run under one lock, since moto checks the condition of a write and writes in two steps.
Lambda's Invoke and Glue's StartJobRun and GetJobRun go to RUNTIME, the URL of a server that runs the real code. FAULTS may be set over
HTTP (POST /cloud/faults, a JSON list of rules), so that a service throttles or fails as often as a test wants.
"""

import inspect
import json
import os
import re
import sys
import threading
import urllib.error
import urllib.request

PORT = sys.argv[1]
RUNTIME = sys.argv[2] if len(sys.argv) > 2 else ""
# Moto's Step Functions call Lambda and Glue at the port that moto is configured with.
os.environ["MOTO_PORT"] = PORT
os.environ.setdefault("AWS_ACCESS_KEY_ID", "test")
os.environ.setdefault("AWS_SECRET_ACCESS_KEY", "test")

from moto.core.config import default_user_config  # noqa: E402
from moto.moto_server.werkzeug_app import (  # noqa: E402
    DomainDispatcherApplication,
    MotoRequestHandler,
    create_backend_app,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service import (  # noqa: E402
    state_task_service_callback as sync_tasks,
)
from werkzeug.serving import run_simple  # noqa: E402

default_user_config["stepfunctions"]["execute_state_machine"] = True
sync_tasks._DELAY_SECONDS_SYNC_CONDITION_CHECK = 0.1


def mend_sync_tasks() -> None:
    """A task that waits for a job has no callback endpoint, but moto interrupts it."""
    broken = "callback_endpoint.interrupt_all()"
    owner = sync_tasks.StateTaskServiceCallback
    source = inspect.getsource(owner._eval_integration_pattern)
    assert source.count(broken) == 1, "moto was fixed or changed: check this patch again"
    lines = inspect.cleandoc("\n" + source).replace(
        broken, "callback_endpoint and callback_endpoint.interrupt_all()"
    )
    made: dict = {}
    exec(lines, vars(sync_tasks), made)  # noqa: S102
    owner._eval_integration_pattern = made["_eval_integration_pattern"]


mend_sync_tasks()
moto = DomainDispatcherApplication(create_backend_app)
s3_writes = threading.Lock()
faults: list = []
faults_lock = threading.Lock()

INVOKE = re.compile(r"^/2015-03-31/functions/[^/]+/invocations$")
OURS = {"AWSGlue.StartJobRun", "AWSGlue.GetJobRun"}
REASONS = {
    200: "200 OK",
    400: "400 Bad Request",
    404: "404 Not Found",
    409: "409 Conflict",
    429: "429 Too Many Requests",
    500: "500 Internal Server Error",
    503: "503 Slow Down",
}


def body_of(environ) -> bytes:
    return environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))


def answer(start, status: int, headers: dict, body: bytes):
    # Moto's Step Functions assume that each response has the id of its request.
    start(REASONS.get(status, f"{status} Status"), [*headers.items(), ("x-amzn-RequestId", "cloud")])
    return [body]


def from_runtime(environ, start):
    """Forwards the request unchanged."""
    asked = {"Content-Type": environ.get("CONTENT_TYPE", "")}
    if "HTTP_X_AMZ_TARGET" in environ:
        asked["X-Amz-Target"] = environ["HTTP_X_AMZ_TARGET"]
    request = urllib.request.Request(
        RUNTIME + environ["RAW_URI"], data=body_of(environ), headers=asked, method="POST"
    )
    try:
        with urllib.request.urlopen(request) as response:
            wanted = {k: v for k, v in response.headers.items() if k.lower().startswith(("x-amz", "content-type"))}
            return answer(start, response.status, wanted, response.read())
    except urllib.error.HTTPError as error:
        wanted = {k: v for k, v in error.headers.items() if k.lower().startswith(("x-amz", "content-type"))}
        return answer(start, error.code, wanted, error.read())


def fault_for(environ):
    """The first rule that matches and has times left: {"method", "match" (in path or target), "times", "status", "code"}."""
    what = f'{environ["PATH_INFO"]} {environ.get("HTTP_X_AMZ_TARGET", "")}'
    with faults_lock:
        for rule in faults:
            if rule["times"] > 0 and rule["method"] == environ["REQUEST_METHOD"] and rule["match"] in what:
                rule["times"] -= 1
                return rule
    return None


def fail(rule, environ, start):
    if "HTTP_X_AMZ_TARGET" in environ:
        body = json.dumps({"__type": rule["code"], "message": "a test wants it so"}).encode()
        return answer(start, rule["status"], {"Content-Type": "application/x-amz-json-1.1"}, body)
    if INVOKE.match(environ["PATH_INFO"]):
        body = json.dumps({"Type": "User", "Message": "a test wants it so"}).encode()
        return answer(
            start, rule["status"], {"Content-Type": "application/json", "X-Amzn-ErrorType": rule["code"]}, body
        )
    body = f"<Error><Code>{rule['code']}</Code><Message>a test wants it so</Message></Error>".encode()
    body_of(environ)
    return answer(start, rule["status"], {"Content-Type": "application/xml"}, body)


def cloud(environ, start):
    path = environ["PATH_INFO"]
    if path == "/cloud/faults":
        with faults_lock:
            left = json.dumps(faults).encode()
            if environ["REQUEST_METHOD"] == "POST":
                faults[:] = json.loads(body_of(environ))
        return answer(start, 200, {"Content-Type": "application/json"}, left)
    rule = fault_for(environ)
    if rule is not None:
        return fail(rule, environ, start)
    target = environ.get("HTTP_X_AMZ_TARGET", "")
    if RUNTIME and (INVOKE.match(path) or target in OURS):
        return from_runtime(environ, start)
    is_s3 = "/s3/aws4_request" in environ.get("HTTP_AUTHORIZATION", "")
    if is_s3 and environ["REQUEST_METHOD"] in ("PUT", "POST", "DELETE"):
        with s3_writes:
            return list(moto(environ, start))
    return moto(environ, start)


class Quiet(MotoRequestHandler):
    protocol_version = "HTTP/1.1"

    def log(self, *_args, **_kwargs) -> None:
        pass


run_simple("127.0.0.1", int(PORT), cloud, threaded=True, request_handler=Quiet)
