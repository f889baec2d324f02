"""Names of the commands, as clients call them."""

from __future__ import annotations

GRAPH = "shearpin.graph"
SCORE = "shearpin.score"
EXPLAIN = "shearpin.explain"
RESTART_INDEX = "shearpin.restartIndex"
LAST_EDIT = "shearpin.lastEditCost"
FIX_WORKSPACE = "shearpin.fixWorkspace"
MAKE_BLOCK_SAFE = "shearpin.makeBlockSafe"
REVIEWED = "shearpin.reviewed"
USERS = "shearpin.showUsers"
#: for clients that show places themselves: the arguments are URI, position and locations
CLIENT_SHOWS_PLACES = "shearpin.showReferences"
