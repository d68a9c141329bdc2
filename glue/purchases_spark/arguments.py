"""A job's arguments by Glue's convention, `--name value`, wherever it runs."""

import argparse
import sys


def job_arguments(required, optional=()):
    """The values by name, None where an optional one is not given. Whatever else is given is the platform's own and is passed over."""
    given = [name for name in optional if any(word.split("=")[0] == f"--{name}" for word in sys.argv)]
    wanted = [*required, *given]
    try:
        from awsglue.utils import getResolvedOptions
    except ImportError:
        found = parsed(wanted)
    else:
        found = getResolvedOptions(sys.argv, wanted)
    return {name: found.get(name) for name in [*required, *optional]}


def parsed(wanted):
    # Without allow_abbrev=False `--run` would be taken for `--run_id`.
    parser = argparse.ArgumentParser(allow_abbrev=False)
    for name in wanted:
        parser.add_argument(f"--{name}", required=True)
    return vars(parser.parse_known_args(sys.argv[1:])[0])
