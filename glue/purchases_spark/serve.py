"""One long-lived driver for a host on the same machine: a task a line of JSON on standard input, an answer a line on standard output."""

import json
import os
import sys
import threading
import time
import traceback

from purchases_spark.bronze_to_silver import bronze_to_silver
from purchases_spark.errors import PurchasesError, what_changed
from purchases_spark.gold_to_staging import gold_to_csv
from purchases_spark.other_rates import other_rates
from purchases_spark.session import open_session
from purchases_spark.silver_to_gold import silver_to_gold

CALLS = {
    "bronze_to_silver": bronze_to_silver,
    "silver_to_gold": silver_to_gold,
    "gold_to_csv": gold_to_csv,
    "other_rates": other_rates,
}


def answers_only():
    """The real standard output; whatever else prints goes to standard error."""
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return out


def answer(session, request):
    try:
        with open(request["task"], encoding="utf-8") as file:
            return {"result": CALLS[request["call"]](session, json.load(file))}
    except PurchasesError as error:
        return {"error": {"name": error.name, "message": str(error), "hint": error.hint}}
    except Exception as error:
        cause = python_cause(error)
        if cause is not None:
            return {"error": cause}
        return {"error": {"name": "Error", "message": f"{error}\n{traceback.format_exc()}", "hint": None}}


def python_cause(error):
    changed = what_changed(error)
    if changed is None:
        return None
    return {"name": "BronzeChanged", "message": changed, "hint": "The run plans again with what is there now."}


def end_with_parent():
    """A host that is killed can tell nobody; a statement of hours would outlive it."""
    parent = os.getppid()

    def watch():
        while os.getppid() == parent:
            time.sleep(1)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def speak_utf8():
    """
    Names of files are UTF-8, whatever the locale of the host: Java would find none with another
    letter than an English one.
    """
    os.environ["PYTHONUTF8"] = "1"
    if sys.platform == "linux":
        os.environ["LC_ALL"] = "C.UTF-8"


def main():
    end_with_parent()
    speak_utf8()
    settings = json.loads(sys.argv[1])
    out = answers_only()
    session = open_session("purchases", settings)
    session.sparkContext.setLogLevel("ERROR")
    print(json.dumps({"ready": session.version}), file=out, flush=True)
    for line in sys.stdin:
        print(json.dumps(answer(session, json.loads(line))), file=out, flush=True)
    session.stop()


if __name__ == "__main__":
    main()
