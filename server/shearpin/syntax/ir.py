"""The intermediate representation of Python: what a module summary is made of.

Every span is packed (`text.spans`) and relative to the start of the part that holds the node, so that an edit
elsewhere in the file leaves a part equal; a class part counts no bytes of its methods (see `placement`). Nodes are
msgspec structs without garbage-collector tracking. Whatever cannot matter to the meaning of a distributed system is
folded into `Opaque`, which keeps its sub-expressions only.
"""

from __future__ import annotations

from typing import TypeAlias

import msgspec


class _Node(msgspec.Struct, frozen=True, gc=False, array_like=True, tag=True, omit_defaults=True):
    """Base of all nodes."""


class Name(_Node, tag=1):
    """`orders`"""

    id: str
    span: int


class Literal(_Node, tag=2):
    """A number, string, bytes (decoded latin-1, kind "bytes"), True, False, None or Ellipsis (kind "...")."""

    value: str | int | float | bool | None
    span: int
    kind: str = ""


class Attribute(_Node, tag=3):
    """`value.attr`; `name_span` covers `attr` alone."""

    value: Expr
    attr: str
    span: int
    name_span: int


class Keyword(_Node, tag=4):
    """One keyword argument; `name` is empty for `**value`. `span` covers `name=value`."""

    name: str
    value: Expr
    span: int


class Call(_Node, tag=5):
    """`func(args, keywords)`; `args_span` covers the parentheses, both included."""

    func: Expr
    args: tuple[Expr, ...]
    keywords: tuple[Keyword, ...]
    span: int
    args_span: int


class Subscript(_Node, tag=6):
    """`value[index]`; several indices are a Sequence of kind "tuple"; a slice is Opaque."""

    value: Expr
    index: Expr
    span: int


class Joined(_Node, tag=7):
    """An f-string or implicitly concatenated strings with at least one hole; parts are Literal or holes."""

    parts: tuple[Expr, ...]
    span: int


class Binary(_Node, tag=8):
    """`left op right` for arithmetic and bit operators, also `+` and `%` of strings."""

    left: Expr
    op: str
    right: Expr
    span: int


class Boolean(_Node, tag=9):
    """`a and b and c` (op "and") or `a or b` (op "or")."""

    op: str
    values: tuple[Expr, ...]
    span: int


class Compare(_Node, tag=10):
    """`left op right op right`; ops as written, `not in` and `is not` with one space."""

    left: Expr
    ops: tuple[str, ...]
    rights: tuple[Expr, ...]
    span: int


class Not(_Node, tag=11):
    """`not value`"""

    value: Expr
    span: int


class Conditional(_Node, tag=12):
    """`body if test else orelse`"""

    test: Expr
    body: Expr
    orelse: Expr
    span: int


class Entry(_Node, tag=13):
    """One `key: value` of a dict display; `key` is None for `**value`."""

    key: Expr | None
    value: Expr
    span: int


class Mapping(_Node, tag=14):
    """A dict display."""

    entries: tuple[Entry, ...]
    span: int


class Sequence(_Node, tag=15):
    """A display of kind "list", "tuple" or "set"."""

    kind: str
    items: tuple[Expr, ...]
    span: int


class Await(_Node, tag=16):
    """`await value`"""

    value: Expr
    span: int


class Lambda(_Node, tag=17):
    """`lambda params: body`"""

    params: tuple[Parameter, ...]
    body: Expr
    span: int


class Generator(_Node, tag=18):
    """One `for target in iter if ...` of a comprehension."""

    target: Expr
    iter: Expr
    ifs: tuple[Expr, ...]
    is_async: bool = False


class Comprehension(_Node, tag=19):
    """kind is "list", "set", "dict" or "generator"; `key` only for "dict"."""

    kind: str
    element: Expr
    generators: tuple[Generator, ...]
    span: int
    key: Expr | None = None


class Starred(_Node, tag=20):
    """`*value`"""

    value: Expr
    span: int


class Yield(_Node, tag=21):
    """`yield value` or `yield from value`."""

    value: Expr | None
    span: int
    is_from: bool = False


class Walrus(_Node, tag=22):
    """`name := value`"""

    name: str
    value: Expr
    span: int


class Opaque(_Node, tag=23):
    """An expression whose own value does not matter; its sub-expressions may (slices, unary minus of a name)."""

    children: tuple[Expr, ...]
    span: int


Expr: TypeAlias = (
    Name | Literal | Attribute | Call | Subscript | Joined | Binary | Boolean | Compare | Not | Conditional
    | Mapping | Sequence | Await | Lambda | Comprehension | Starred | Yield | Walrus | Opaque
)  # fmt: skip


class Parameter(_Node, tag=40):
    """kind: "positional" (positional only), "normal", "star" (*args), "keyword" (keyword only), "double" (**kw)."""

    name: str
    kind: str
    span: int
    annotation: Expr | None = None
    default: Expr | None = None


class Assign(_Node, tag=41):
    """`a = b = value` has two targets; an annotated assignment has one and may lack a value."""

    targets: tuple[Expr, ...]
    value: Expr | None
    span: int
    annotation: Expr | None = None


class AugAssign(_Node, tag=42):
    """`target op= value`; op without the equals sign."""

    target: Expr
    op: str
    value: Expr
    span: int


class ExprStmt(_Node, tag=43):
    """An expression for its effect. Docstrings are dropped."""

    value: Expr
    span: int


class Return(_Node, tag=44):
    """`return value`"""

    value: Expr | None
    span: int


class Raise(_Node, tag=45):
    """`raise exc from cause`; bare raise has no exc."""

    exc: Expr | None
    cause: Expr | None
    span: int


class If(_Node, tag=46):
    """`elif` is an If alone in `orelse`. `span` of compound statements covers the whole, `head` the first line."""

    test: Expr
    body: tuple[Stmt, ...]
    orelse: tuple[Stmt, ...]
    span: int
    head: int


class For(_Node, tag=47):
    """`for target in iter`"""

    target: Expr
    iter: Expr
    body: tuple[Stmt, ...]
    orelse: tuple[Stmt, ...]
    span: int
    head: int
    is_async: bool = False


class While(_Node, tag=48):
    """`while test`"""

    test: Expr
    body: tuple[Stmt, ...]
    orelse: tuple[Stmt, ...]
    span: int
    head: int


class Handler(_Node, tag=49):
    """`except caught as name`; `caught` is None for a bare except. `is_group` for `except*`."""

    caught: Expr | None
    name: str
    body: tuple[Stmt, ...]
    span: int
    head: int
    is_group: bool = False


class Try(_Node, tag=50):
    """`try`"""

    body: tuple[Stmt, ...]
    handlers: tuple[Handler, ...]
    orelse: tuple[Stmt, ...]
    final: tuple[Stmt, ...]
    span: int
    head: int


class WithItem(_Node, tag=51):
    """`context as target`"""

    context: Expr
    target: Expr | None
    span: int


class With(_Node, tag=52):
    """`with items`"""

    items: tuple[WithItem, ...]
    body: tuple[Stmt, ...]
    span: int
    head: int
    is_async: bool = False


class Alias(_Node, tag=53):
    """One imported name: `name as asname`; `asname` equals `name` when not given. For `import a.b` name is "a.b"."""

    name: str
    asname: str
    span: int
    renamed: bool = False


class Import(_Node, tag=54):
    """`import a.b as c, d`"""

    names: tuple[Alias, ...]
    span: int


class ImportFrom(_Node, tag=55):
    """`from ..module import names`; `level` counts the dots; `import *` has one Alias named "*"."""

    module: str
    level: int
    names: tuple[Alias, ...]
    span: int


class FunctionDef(_Node, tag=56):
    """A function; also the body of a function or method part. `name_span` covers the name."""

    name: str
    params: tuple[Parameter, ...]
    decorators: tuple[Expr, ...]
    body: tuple[Stmt, ...]
    span: int
    head: int
    name_span: int
    returns: Expr | None = None
    is_async: bool = False
    is_generator: bool = False
    #: names that the body assigns but declares `global` or `nonlocal`
    outer_names: tuple[str, ...] = ()


class ClassDef(_Node, tag=57):
    """A class. In a class part `body` holds all but the methods, which are parts of their own."""

    name: str
    bases: tuple[Expr, ...]
    keywords: tuple[Keyword, ...]
    decorators: tuple[Expr, ...]
    body: tuple[Stmt, ...]
    span: int
    head: int
    name_span: int


class Delete(_Node, tag=58):
    """`del targets`"""

    targets: tuple[Expr, ...]
    span: int


class Assert(_Node, tag=59):
    """`assert test`"""

    test: Expr
    span: int


class Case(_Node, tag=60):
    """One `case pattern if guard`; `names` are bound by the pattern, `values` are literals or dotted names it tests."""

    names: tuple[str, ...]
    values: tuple[Expr, ...]
    guard: Expr | None
    body: tuple[Stmt, ...]
    span: int
    is_wildcard: bool = False


class Match(_Node, tag=61):
    """`match subject`"""

    subject: Expr
    cases: tuple[Case, ...]
    span: int
    head: int


class Flow(_Node, tag=62):
    """kind: "pass", "break" or "continue"."""

    kind: str
    span: int


class Broken(_Node, tag=63):
    """A stretch that does not parse; whatever could be read of it stands in `body`."""

    body: tuple[Stmt, ...]
    span: int


Stmt: TypeAlias = (
    Assign | AugAssign | ExprStmt | Return | Raise | If | For | While | Try | With | Import | ImportFrom
    | FunctionDef | ClassDef | Delete | Assert | Match | Flow | Broken
)  # fmt: skip


class Part(_Node, tag=80):
    """The unit of incremental work: one function, class, method, import block or other top-level statement.

    `id` is unique in the file: the qualified name of a definition (`Client.post`), the bound name of a simple
    assignment, else "~" + kind; repeated ids get "#2", "#3" in order of appearance.
    `kind`: "function", "class", "method", "imports", "statement".
    `body` is one FunctionDef or ClassDef for the definition kinds, else the statements in order.
    `has_error` is true when the part contains something that does not parse.
    """

    id: str
    kind: str
    body: tuple[Stmt, ...]
    #: part id of the class for a method ("Outer.Inner" for a method of a nested top-level class), else ""
    owner: str = ""
    has_error: bool = False
    #: identifiers that the part mentions: names, attribute names, keyword names, imported names (sorted)
    mentions: tuple[str, ...] = ()
    #: attribute names that the part assigns (`x.attr = ...`, also augmented and annotated; sorted)
    attribute_writes: tuple[str, ...] = ()
    #: last segment of each base class expression, for classes
    base_names: tuple[str, ...] = ()
    #: names that the part binds at module level
    binds: tuple[str, ...] = ()


class Placement(_Node, tag=81):
    """Where a part stands in this version of the file: absolute byte range and hash of its bytes (hex)."""

    id: str
    start: int
    end: int
    digest: str


class Comment(_Node, tag=82):
    """A comment that speaks to us (`# shearpin: ...`, `# expect: ...`): line (0-based), absolute byte start, text."""

    line: int
    start: int
    text: str
    #: true when code precedes the comment on its line
    trailing: bool


class ModuleSummary(_Node, tag=83):
    """One file. `parts` and `placements` are parallel, in order of position."""

    parts: tuple[Part, ...]
    placements: tuple[Placement, ...]
    comments: tuple[Comment, ...] = ()
    has_error: bool = False
    #: names in `__all__` when it is a literal, else None
    exported: tuple[str, ...] | None = None
    #: set when the bytes were not UTF-8 (PEP 263 declaration or fallback); spans refer to the UTF-8 re-encoding
    encoding: str = "utf-8"
