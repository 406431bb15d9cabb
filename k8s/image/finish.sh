# The last step of both images, as root: the project, HAProxy's start, and byte code, for nothing is written at run time.
set -euo pipefail
pip install --no-cache-dir --no-deps --no-build-isolation --editable /opt/vitrine/app
mkdir /opt/vitrine/bin
python -c 'from pathlib import Path; from serve_app.haproxy import write_start; write_start(Path("/opt/vitrine/bin/haproxy"))'
python -m compileall -q /opt/vitrine/app
vitrine --help >/dev/null
