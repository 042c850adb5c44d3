"""usage: bin/screens [--readme]

Takes a picture of every page, at two widths and in both themes, and lays them on one sheet;
--readme renews the picture in the README.
"""

import os
import sys

import _bootstrap as house
from _chromium import bring_chromium

with house.sentences("screens"):
    os.environ["CHROMIUM"] = bring_chromium()
    os.environ["PYTHONPATH"] = os.pathsep.join([str(house.ROOT), str(house.ROOT / "bin")])
    os.execv(sys.executable, [sys.executable, "-m", "tests.screens", *sys.argv[1:]])
