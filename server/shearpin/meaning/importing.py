"""What the names of import statements denote."""

from __future__ import annotations

from shearpin.facts.value import Extern, Unknown, Value
from shearpin.meaning.modules import canonical, first_package, resolve_module, resolve_relative, submodule
from shearpin.meaning.world import World
from shearpin.syntax import ir


def imported(world: World, path: str, node: ir.Import | ir.ImportFrom, alias: ir.Alias) -> Value:
    """What one name of an import statement denotes."""
    if isinstance(node, ir.Import):
        if alias.renamed:
            return resolve_module(world.db, path, alias.name)
        return first_package(world.db, path, alias.name)
    module = (
        resolve_relative(world.db, path, node.level, node.module)
        if node.level
        else resolve_module(world.db, path, node.module)
    )
    if module is None:
        return Unknown(f"import of {'.' * node.level}{node.module}")
    if isinstance(module, Extern):
        nested = resolve_module(world.db, path, f"{node.module}.{alias.name}")
        return nested if not isinstance(nested, Extern) else Extern(canonical(world.db, f"{module.name}.{alias.name}"))
    # `from . import orders` in the package itself names the submodule, not the name that this statement binds.
    found = None if module.path == path else world.module_value(module.path, alias.name)
    if found is not None:
        return found
    return submodule(world.db, module.path, alias.name) or Unknown(f"{alias.name} not found in {module.path}")
