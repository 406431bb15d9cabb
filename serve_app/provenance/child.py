"""The process that reads the manifest and the metadata of an untrusted file: limited memory and time, file on stdin.

Started as `python -m serve_app.provenance.child [ANCHOR]`, a certificate as PEM. It says one line of JSON.
"""

import json
import sys
from dataclasses import asdict

from serve_app.limited_child import limit
from serve_app.provenance import manifest
from serve_app.provenance.metadata import source_type_of
from serve_app.uploads import limits


def main() -> None:
    limit(limits.MEMORY_BYTES, limits.CPU_SECONDS)
    content = sys.stdin.buffer.read()
    anchor = sys.argv[1].encode() if len(sys.argv) > 1 else None
    said = {"manifest": asdict(manifest.read(content, anchor)), "source_type": source_type_of(content)}
    sys.stdout.write(json.dumps(said) + "\n")


if __name__ == "__main__":
    main()
