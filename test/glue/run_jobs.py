"""Runs scripts of jobs one after the other in one Spark application, since a start takes eight seconds.

usage: spark-submit run_jobs.py FOLDER; a line of JSON for each job on standard input, {"script", "args"}. What a job prints comes on standard
output, then a line {"ended": message}, null where it did not fail.
"""

import json
import os
import runpy
import sys

folder = sys.argv[1]
sys.path.insert(0, folder)
print(json.dumps({"ended": None}), flush=True)
for line in sys.stdin:
    job = json.loads(line)
    script = os.path.join(folder, job["script"])
    sys.argv = [script, *job["args"]]
    try:
        runpy.run_path(script, run_name="__main__")
        ended = None
    except SystemExit as error:
        ended = str(error.code)
    except Exception as error:
        ended = f"{type(error).__name__}: {error}"
    print(json.dumps({"ended": ended}), flush=True)
