"""The packages of LitServe and BentoML, beside the project's own environment.

BentoML pins other versions of OpenTelemetry than the lock, which Ray imports. So both go into a small environment of
their own that looks into this one for everything else: the versions of torch, Ray, FastAPI and pydantic are the lock's.
"""

import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

FOLDER = Path(__file__).parents[2] / ".cache" / "peers"
PACKAGES = ("litserve==0.2.19", "bentoml==1.4.39")


def python() -> Path:
    """Its interpreter; the first call makes it (half a minute)."""
    interpreter, done = FOLDER / "bin" / "python", FOLDER / "installed"
    if done.exists() and done.read_text("utf-8") == _wanted():
        return interpreter
    venv.create(FOLDER, clear=True)
    site = subprocess.check_output([interpreter, "-c", "import site; print(site.getsitepackages()[0])"], text=True)  # noqa: S603
    (Path(site.strip()) / "beneath.pth").write_text(f"{sysconfig.get_path('purelib')}\n", "utf-8")
    # pip counts this environment's packages in and complains about OpenTelemetry, which is why the two are apart.
    install = [sys.executable, "-m", "pip", "--python", str(interpreter), "install", "--quiet", *PACKAGES]
    said = subprocess.run(install, check=False, capture_output=True, text=True)  # noqa: S603
    if said.returncode:
        raise SystemExit(f"{' and '.join(PACKAGES)} could not be installed into {FOLDER}:\n{said.stderr}")
    done.write_text(_wanted(), "utf-8")
    return interpreter


def _wanted() -> str:
    return " ".join((*PACKAGES, sys.prefix))
