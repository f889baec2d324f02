"""Expressions: tree-sitter nodes to the intermediate representation."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from tree_sitter import Node

from shearpin.syntax import strings
from shearpin.syntax.grammar import EXTRAS, by_kind, field, kind, kinds, solid_children
from shearpin.syntax.ir import (
    Attribute,
    Await,
    Binary,
    Boolean,
    Call,
    Compare,
    Comprehension,
    Conditional,
    Entry,
    Expr,
    Generator,
    Keyword,
    Lambda,
    Literal,
    Mapping,
    Name,
    Not,
    Opaque,
    Parameter,
    Sequence,
    Starred,
    Subscript,
    Walrus,
    Yield,
)
from shearpin.syntax.reader import MAX_DEPTH, Reader

_IDENTIFIER = kind("identifier")
_KEYWORD = kind("keyword_argument")
_DOUBLE_SPLAT = kinds("dictionary_splat", "dictionary_splat_pattern")
_GENERATOR = kind("generator_expression")
_BOOLEAN = kind("boolean_operator")
_PAIR = kind("pair")
_FOR = kind("for_in_clause")
_IF = kind("if_clause")
_ASYNC = kind("token async")
_FROM = kind("token from")
_NUMBERS = kinds("integer", "float")
_OBJECT, _ATTRIBUTE = field("object"), field("attribute")
_FUNCTION, _ARGUMENTS = field("function"), field("arguments")
_NAME, _VALUE, _TYPE = field("name"), field("value"), field("type")
_LEFT, _RIGHT, _OPERATOR, _OPERATORS = field("left"), field("right"), field("operator"), field("operators")
_ARGUMENT, _BODY, _KEY = field("argument"), field("body"), field("key")
_SUBSCRIPT, _PARAMETERS = field("subscript"), field("parameters")
#: names looked for in what lies too deep
_FOLDED_NAMES = 500
_SMALLEST, _BIGGEST = -(2**63), 2**64 - 1


def expression(reader: Reader, node: Node) -> Expr:
    """Read one expression; below MAX_DEPTH only the names it mentions are kept."""
    number = node.kind_id
    if number == _IDENTIFIER:
        return _name(reader, node)
    if reader.depth >= MAX_DEPTH:
        return folded(reader, node)
    reader.depth += 1
    result = _TABLE.get(number, opaque)(reader, node)
    reader.depth -= 1
    return result


def is_expression(node: Node) -> bool:
    """Tell whether a node, found where nothing is certain, is an expression."""
    return node.kind_id in _TABLE


def expression_of(reader: Reader, children: Iterable[Node]) -> Expr | None:
    """Read the first of the nodes that is not a comment; None when there is none."""
    for child in children:
        if child.kind_id not in EXTRAS:
            return expression(reader, child)
    return None


def field_expression(reader: Reader, node: Node, number: int) -> Expr:
    """Read the expression in a field; code that lacks it gives an empty Opaque."""
    child = node.child_by_field_id(number)
    return expression(reader, child) if child is not None else Opaque((), reader.span(node))


def display(reader: Reader, node: Node, sort: str) -> Sequence:
    """Read the named children of a node as a Sequence."""
    items = tuple([expression(reader, child) for child in node.named_children if child.kind_id not in EXTRAS])
    return Sequence(sort, items, reader.span(node))


def arguments(reader: Reader, node: Node) -> tuple[tuple[Expr, ...], tuple[Keyword, ...]]:
    """Read an argument list (or a generator that stands for one) as positional and keyword arguments."""
    if node.kind_id == _GENERATOR:
        return (expression(reader, node),), ()
    positional: list[Expr] = []
    keywords: list[Keyword] = []
    for child in node.named_children:
        number = child.kind_id
        if number == _IDENTIFIER:
            positional.append(_name(reader, child))
        elif number == _KEYWORD:
            keywords.append(_keyword(reader, child))
        elif number in _DOUBLE_SPLAT:
            keywords.append(Keyword("", _inner(reader, child), reader.span(child)))
        elif number not in EXTRAS:
            positional.append(expression(reader, child))
    return tuple(positional), tuple(keywords)


def parameters(reader: Reader, node: Node | None) -> tuple[Parameter, ...]:
    """Read the parameters of a function or lambda."""
    found: list[Parameter] = []
    sort = "normal"
    for child in node.named_children if node is not None else ():
        number = child.kind_id
        if number == _IDENTIFIER:
            found.append(Parameter(reader.plain(child), sort, reader.span(child)))
        elif number == _POSITIONAL_SEPARATOR:
            found = [Parameter(p.name, "positional", p.span, p.annotation, p.default) for p in found]
        elif number == _KEYWORD_SEPARATOR:
            sort = "keyword"
        elif number in _PARAMETER_KINDS:
            parameter = _parameter(reader, child, sort)
            if parameter.kind == "star":
                sort = "keyword"
            found.append(parameter)
    return tuple(found)


def opaque(reader: Reader, node: Node) -> Expr:
    """Keep the sub-expressions of a node only."""
    children = [expression(reader, child) for child in node.named_children if child.kind_id not in EXTRAS]
    return Opaque(tuple(children), reader.span(node))


def folded(reader: Reader, node: Node) -> Opaque:
    """Keep the names in what lies too deep, found without recursion."""
    names: list[Expr] = []
    waiting = [node]
    while waiting and len(names) < _FOLDED_NAMES:
        current = waiting.pop()
        if current.kind_id == _IDENTIFIER:
            names.append(_name(reader, current))
        else:
            waiting.extend(reversed(current.named_children))
    return Opaque(tuple(names), reader.span(node))


_POSITIONAL_SEPARATOR = kind("positional_separator")
_KEYWORD_SEPARATOR = kind("keyword_separator")
_STAR = kind("list_splat_pattern")
_DOUBLE = kind("dictionary_splat_pattern")
_PARAMETER_KINDS = kinds(
    "typed_parameter", "default_parameter", "typed_default_parameter", "list_splat_pattern",
    "dictionary_splat_pattern", "tuple_pattern",
)  # fmt: skip


def _parameter(reader: Reader, node: Node, sort: str) -> Parameter:
    annotation = node.child_by_field_id(_TYPE)
    default = node.child_by_field_id(_VALUE)
    named = node.child_by_field_id(_NAME)
    if named is None and node.kind_id not in (_STAR, _DOUBLE):
        named = next(iter(solid_children(node)), None)
    target = named if named is not None else node
    if target.kind_id in (_STAR, _DOUBLE):
        sort = "star" if target.kind_id == _STAR else "double"
        target = next(iter(solid_children(target)), None)
    return Parameter(
        reader.plain(target) if target is not None and target.kind_id == _IDENTIFIER else "",
        sort,
        reader.span(node),
        expression(reader, annotation) if annotation is not None else None,
        expression(reader, default) if default is not None else None,
    )


def _name(reader: Reader, node: Node) -> Expr:
    start, end = node.start_byte, node.end_byte
    raw = reader.text[start:end]
    span = (start - reader.base) << 24 | (end - start)
    if not raw:
        return Opaque((), span)
    return Name(reader.names.get(raw) or reader.mention(raw), span)


def _attribute(reader: Reader, node: Node) -> Expr:
    value = node.child_by_field_id(_OBJECT)
    attr = node.child_by_field_id(_ATTRIBUTE)
    if value is None or attr is None:
        return opaque(reader, node)
    read = expression(reader, value)
    base = reader.base
    start, end = attr.start_byte, attr.end_byte
    first = node.start_byte
    raw = reader.text[start:end]
    if not raw:
        return Opaque((read,), reader.span(node))
    name = reader.names.get(raw) or reader.mention(raw)
    return Attribute(read, name, (first - base) << 24 | (node.end_byte - first), (start - base) << 24 | (end - start))


def _call(reader: Reader, node: Node) -> Expr:
    function = node.child_by_field_id(_FUNCTION)
    given = node.child_by_field_id(_ARGUMENTS)
    if function is None or given is None:
        return opaque(reader, node)
    called = expression(reader, function)
    positional, keywords = arguments(reader, given)
    return Call(called, positional, keywords, reader.span(node), reader.span(given))


def _keyword(reader: Reader, node: Node) -> Keyword:
    name = node.child_by_field_id(_NAME)
    value = field_expression(reader, node, _VALUE)
    raw = reader.text[name.start_byte : name.end_byte] if name is not None else b""
    return Keyword(reader.mention(raw) if raw else "", value, reader.span(node))


def _subscript(reader: Reader, node: Node) -> Expr:
    value = field_expression(reader, node, _VALUE)
    given = node.children_by_field_id(_SUBSCRIPT)
    return Subscript(value, _index(reader, given, node), reader.span(node))


def _index(reader: Reader, given: list[Node], node: Node) -> Expr:
    indices = tuple([expression(reader, child) for child in given])
    has_comma = len(given) > 1 or (len(given) == 1 and _trailing_comma(reader, given[0], node))
    if len(indices) == 1 and not has_comma:
        return indices[0]
    if not indices:
        return Opaque((), reader.span(node))
    start = given[0].start_byte
    return Sequence("tuple", indices, (start - reader.base) << 24 | (given[-1].end_byte - start))


def _trailing_comma(reader: Reader, last: Node, node: Node) -> bool:
    return reader.text[last.end_byte : node.end_byte - 1].lstrip().startswith(b",")


def _binary(reader: Reader, node: Node) -> Expr:
    left = field_expression(reader, node, _LEFT)
    right = field_expression(reader, node, _RIGHT)
    operator = node.child_by_field_id(_OPERATOR)
    return Binary(left, operator.type if operator is not None else "", right, reader.span(node))


def _boolean(reader: Reader, node: Node) -> Expr:
    operator = node.child_by_field_id(_OPERATOR)
    word = operator.type if operator is not None else ""
    rights: list[Node] = []
    left: Node | None = node
    # `a or b or c` nests to the left; flattened here without recursion.
    while left is not None and left.kind_id == _BOOLEAN and _operator(left) == word:
        right = left.child_by_field_id(_RIGHT)
        if right is not None:
            rights.append(right)
        left = left.child_by_field_id(_LEFT)
    operands = [*([left] if left is not None else []), *reversed(rights)]
    return Boolean(word, tuple([expression(reader, operand) for operand in operands]), reader.span(node))


def _operator(node: Node) -> str:
    operator = node.child_by_field_id(_OPERATOR)
    return operator.type if operator is not None else ""


def _compare(reader: Reader, node: Node) -> Expr:
    operands = [expression(reader, child) for child in solid_children(node) if child.kind_id not in _TWO_WORDS]
    operators = tuple([operator.type for operator in node.children_by_field_id(_OPERATORS)])
    if len(operands) != len(operators) + 1:
        return Opaque(tuple(operands), reader.span(node))
    return Compare(operands[0], operators, tuple(operands[1:]), reader.span(node))


_TWO_WORDS = kinds("token not in", "token is not")


def _not(reader: Reader, node: Node) -> Expr:
    return Not(field_expression(reader, node, _ARGUMENT), reader.span(node))


def _unary(reader: Reader, node: Node) -> Expr:
    argument = node.child_by_field_id(_ARGUMENT)
    if argument is not None and argument.kind_id in _NUMBERS:
        number = _number(reader, argument)
        sign = reader.text[node.start_byte]
        if isinstance(number, Literal) and isinstance(number.value, (int, float)) and sign in b"+-":
            value = -number.value if sign == _MINUS else number.value
            if isinstance(value, float) or value >= _SMALLEST:
                return Literal(value, reader.span(node))
    return opaque(reader, node)


_MINUS = 45


def _conditional(reader: Reader, node: Node) -> Expr:
    children = solid_children(node)
    if len(children) != 3:
        return opaque(reader, node)
    body, test, orelse = [expression(reader, child) for child in children]
    return Conditional(test, body, orelse, reader.span(node))


def _dictionary(reader: Reader, node: Node) -> Expr:
    entries: list[Entry] = []
    for child in node.named_children:
        number = child.kind_id
        if number == _PAIR:
            key = field_expression(reader, child, _KEY)
            entries.append(Entry(key, field_expression(reader, child, _VALUE), reader.span(child)))
        elif number not in EXTRAS:
            value = _inner(reader, child) if number in _DOUBLE_SPLAT else expression(reader, child)
            entries.append(Entry(None, value, reader.span(child)))
    return Mapping(tuple(entries), reader.span(node))


def _comprehension(sort: str) -> Callable[[Reader, Node], Expr]:
    def read(reader: Reader, node: Node) -> Expr:
        body = node.child_by_field_id(_BODY)
        key: Expr | None = None
        if body is not None and body.kind_id == _PAIR:
            key = field_expression(reader, body, _KEY)
            element = field_expression(reader, body, _VALUE)
        else:
            element = expression(reader, body) if body is not None else Opaque((), reader.span(node))
        return Comprehension(sort, element, _generators(reader, node), reader.span(node), key)

    return read


def _generators(reader: Reader, node: Node) -> tuple[Generator, ...]:
    found: list[Generator] = []
    for child in node.named_children:
        number = child.kind_id
        if number == _FOR:
            target = field_expression(reader, child, _LEFT)
            sources = [expression(reader, one) for one in child.children_by_field_id(_RIGHT)]
            source = sources[0] if len(sources) == 1 else Opaque(tuple(sources), reader.span(child))
            found.append(Generator(target, source, (), child.children[0].kind_id == _ASYNC))
        elif number == _IF and found:
            last = found[-1]
            condition = _inner(reader, child)
            found[-1] = Generator(last.target, last.iter, (*last.ifs, condition), last.is_async)
    return tuple(found)


def _lambda(reader: Reader, node: Node) -> Expr:
    yields = reader.yields
    given = parameters(reader, node.child_by_field_id(_PARAMETERS))
    body = field_expression(reader, node, _BODY)
    reader.yields = yields
    return Lambda(given, body, reader.span(node))


def _yield(reader: Reader, node: Node) -> Expr:
    reader.yields = True
    value = expression_of(reader, node.named_children)
    return Yield(value, reader.span(node), any(child.kind_id == _FROM for child in node.children))


def _await(reader: Reader, node: Node) -> Expr:
    return Await(_inner(reader, node), reader.span(node))


def _starred(reader: Reader, node: Node) -> Expr:
    return Starred(_inner(reader, node), reader.span(node))


def _walrus(reader: Reader, node: Node) -> Expr:
    name = node.child_by_field_id(_NAME)
    value = field_expression(reader, node, _VALUE)
    raw = reader.text[name.start_byte : name.end_byte] if name is not None else b""
    return Walrus(reader.mention(raw), value, reader.span(node)) if raw else value


def _inner(reader: Reader, node: Node) -> Expr:
    """Read the only expression inside a wrapper such as parentheses, a type or a splat."""
    for child in node.named_children:
        if child.kind_id not in EXTRAS:
            return expression(reader, child)
    return Opaque((), reader.span(node))


def _sequence(sort: str) -> Callable[[Reader, Node], Expr]:
    def read(reader: Reader, node: Node) -> Expr:
        return display(reader, node, sort)

    return read


def _string(reader: Reader, node: Node) -> Expr:
    return strings.string(reader, node, expression)


def _concatenated(reader: Reader, node: Node) -> Expr:
    return strings.concatenated(reader, node, expression)


def _number(reader: Reader, node: Node) -> Expr:
    raw = reader.text[node.start_byte : node.end_byte]
    try:
        value = int(raw) if raw.isdigit() else _written_number(raw)
    except ValueError:
        return Opaque((), reader.span(node))
    # A summary travels as msgpack, which ends at 64 bits.
    if isinstance(value, int) and value > _BIGGEST:
        return Opaque((), reader.span(node))
    return Literal(value, reader.span(node))


def _written_number(raw: bytes) -> int | float:
    text = raw.decode("ascii", "replace")
    try:
        return int(text, 0)
    except ValueError:
        return float(text)


def _constant(value: bool | None, sort: str = "") -> Callable[[Reader, Node], Expr]:  # noqa: FBT001
    def read(reader: Reader, node: Node) -> Expr:
        return Literal(value, reader.span(node), sort)

    return read


def _generic(reader: Reader, node: Node) -> Expr:
    """`list[int]` in an annotation."""
    children = solid_children(node)
    if len(children) != 2:
        return opaque(reader, node)
    given = solid_children(children[1])
    return Subscript(expression(reader, children[0]), _index(reader, given, children[1]), reader.span(node))


def _union(reader: Reader, node: Node) -> Expr:
    children = solid_children(node)
    if len(children) != 2:
        return opaque(reader, node)
    left, right = [expression(reader, child) for child in children]
    return Binary(left, "|", right, reader.span(node))


def _member(reader: Reader, node: Node) -> Expr:
    children = solid_children(node)
    if len(children) != 2:
        return opaque(reader, node)
    value, attr = children
    read = expression(reader, value)
    raw = reader.text[attr.start_byte : attr.end_byte]
    return Attribute(read, reader.mention(raw), reader.span(node), reader.span(attr)) if raw else read


_TABLE: dict[int, Callable[[Reader, Node], Expr]] = by_kind(
    {
        "identifier": _name,
        "attribute": _attribute,
        "call": _call,
        "subscript": _subscript,
        "binary_operator": _binary,
        "boolean_operator": _boolean,
        "comparison_operator": _compare,
        "not_operator": _not,
        "unary_operator": _unary,
        "conditional_expression": _conditional,
        "dictionary": _dictionary,
        "list list_pattern": _sequence("list"),
        "tuple tuple_pattern expression_list pattern_list": _sequence("tuple"),
        "set": _sequence("set"),
        "list_comprehension": _comprehension("list"),
        "set_comprehension": _comprehension("set"),
        "dictionary_comprehension": _comprehension("dict"),
        "generator_expression": _comprehension("generator"),
        "lambda": _lambda,
        "yield": _yield,
        "await": _await,
        "list_splat list_splat_pattern parenthesized_list_splat splat_type": _starred,
        "named_expression": _walrus,
        "parenthesized_expression type as_pattern_target": _inner,
        "string": _string,
        "concatenated_string": _concatenated,
        "integer float": _number,
        "true": _constant(True),
        "false": _constant(False),
        "none": _constant(None),
        "ellipsis": _constant(None, "..."),
        "generic_type": _generic,
        "union_type": _union,
        "member_type": _member,
        "slice dictionary_splat keyword_argument constrained_type": opaque,
    }
)
