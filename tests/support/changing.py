"""Changes of a module outside its functions: numbers, cells of tables, parts of conditions, comparisons.

mutmut changes what functions do when they are called. What a module is made of when it is imported is
changed here: each place once, by itself.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass

WORDS = {
    "statement", "statements", "says", "references", "section", "fingerprint", "title", "summary", "detail", "evidence",
    "ambiguities", "since", "suggestions", "indicator", "indicator_because", "hooks", "output", "id", "name",
}  # fmt: skip
"""Keywords behind which nothing is decided: what is told, and where."""
OPPOSITE = {
    "at_least": "above", "above": "at_least", "at_most": "below", "below": "at_most", "is_true": "is_false",
    "is_false": "is_true", "is_known": "is_unknown", "is_unknown": "is_known", "is_": "is_not", "is_not": "is_",
    "is_one_of": "is_none_of", "is_none_of": "is_one_of", "all_of": "any_of", "any_of": "all_of", "min": "max",
    "max": "min",
}  # fmt: skip
COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip

DEFAULT, MEANING = 1, 3
"""The places of these arguments of ``_paper`` and ``_ours``; the range comes after the meaning."""

ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult,
}  # fmt: skip

Offer = tuple[str, Callable[[], ast.expr]]
"""What is said of a change, and the expression that it makes."""


@dataclass(frozen=True, kw_only=True)
class Change:
    """One place of a module changed, and the tree of the module then."""

    line: int
    said: str
    tree: ast.Module


def changes_of(source: str) -> Iterator[Change]:
    """Every change of a module, in the order of its lines."""
    place = 0
    while True:
        tree = ast.parse(source)
        changing = _Changing(place, source.splitlines())
        changing.visit(tree)
        if not changing.said:
            return
        yield Change(line=changing.line, said=changing.said, tree=ast.fix_missing_locations(tree))
        place += 1


class _Changing(ast.NodeTransformer):
    """Makes the n-th of the changes that can be made, n counting from 0."""

    def __init__(self, wanted: int, lines: list[str]) -> None:
        self.wanted = wanted
        self.lines = lines
        self.line = 0
        self.said = ""

    def _made(self, node: ast.expr, *offers: Offer) -> ast.expr | None:
        """The expression in the place of a node, when it is the turn of one of these changes."""
        place = self.wanted
        self.wanted -= len(offers)
        if self.said or not 0 <= place < len(offers):
            return None
        change, make = offers[place]
        self.line = node.lineno
        self.said = f"{self.lines[node.lineno - 1].strip()[:60]}: {change}".replace("`", "'")
        return ast.copy_location(make(), node)

    # --- where nothing is changed -----------------------------------------------------------

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        """mutmut changes functions, but for those with a decorator."""
        if node.decorator_list:
            node.body = [self.visit(statement) for statement in node.body]
        return node

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        node.body = [self.visit(statement) for statement in node.body]
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        if node.value is not None:
            node.value = self.visit(node.value)
        return node

    def visit_Expr(self, node: ast.Expr) -> ast.AST:
        return node  # a docstring

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        return node  # a type

    def visit_keyword(self, node: ast.keyword) -> ast.AST:
        if node.arg not in WORDS:
            node.value = self.visit(node.value)
        return node

    # --- what is changed --------------------------------------------------------------------

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        value = node.value
        if isinstance(value, bool):
            return self._made(node, (f"{not value}", lambda: ast.Constant(not value))) or node
        if not isinstance(value, int | float):
            return node
        offers = [(f"{value} becomes {other}", lambda other=other: ast.Constant(other)) for other in _beside(value)]
        return self._made(node, *offers) or node

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        other = OPPOSITE.get(node.attr)
        if other is None:
            return node
        said = f"{ast.unparse(node)} becomes {other}"
        return self._made(node, (said, lambda: ast.Attribute(node.value, other, node.ctx))) or node

    def visit_Compare(self, node: ast.Compare) -> ast.AST:
        other = COMPARISONS.get(type(node.ops[0]))
        if other is None or len(node.ops) > 1:
            return self.generic_visit(node)
        said = f"{ast.unparse(node)} with {other.__name__}"
        made = self._made(node, (said, lambda: ast.Compare(node.left, [other()], node.comparators)))
        return made or self.generic_visit(node)

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        other = ARITHMETIC.get(type(node.op))
        if other is None:
            return self.generic_visit(node)
        said = f"{ast.unparse(node)} with {other.__name__}"
        made = self._made(node, (said, lambda: ast.BinOp(node.left, other(), node.right)))
        return made or self.generic_visit(node)

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.AST:
        other = ast.Or() if isinstance(node.op, ast.And) else ast.And()
        said = f"{ast.unparse(node)} with {type(other).__name__}"
        return self._made(node, (said, lambda: ast.BoolOp(other, node.values))) or self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> ast.AST:
        called = node.func.id if isinstance(node.func, ast.Name) else ""
        if called in ("_paper", "_ours"):
            return self._threshold(node)
        offers: list[Offer] = []
        if called in OPPOSITE:
            name = ast.Name(OPPOSITE[called], ast.Load())
            offers = [(f"{called} becomes {name.id}", lambda: ast.Call(name, node.args, node.keywords))]
        if called in ("all_of", "any_of"):
            offers += [(f"without {_short(part)}", _less(node, part)) for part in node.args]
        return self._made(node, *offers) or self.generic_visit(node)

    def _threshold(self, node: ast.Call) -> ast.AST:
        """A threshold: its default, and each end of the range it may be set to."""
        offers: list[Offer] = []
        for place, argument in enumerate(node.args):
            for value in (
                _values_beside(argument, node.args[place + 1 :]) if place == DEFAULT or place > MEANING else ()
            ):
                said = "default" if place == DEFAULT else "range"
                offers.append((f"{said} {ast.unparse(argument)} becomes {value!r}", _with_argument(node, place, value)))
        return self._made(node, *offers) or node

    def visit_Dict(self, node: ast.Dict) -> ast.AST:
        pairs = list(zip(node.keys, node.values, strict=True))
        offers: list[Offer] = []
        for place, (key, value) in enumerate(pairs):
            called = "" if key is None else ast.unparse(key)
            offers.append((f"without {called}", lambda place=place: _dict([*pairs[:place], *pairs[place + 1 :]])))
            others = [each for _, each in (*pairs[place + 1 :], *pairs[:place]) if ast.dump(each) != ast.dump(value)]
            if others:
                swapped = [*pairs[:place], (key, others[0]), *pairs[place + 1 :]]
                offers.append((f"{called} has {_short(others[0])}", lambda swapped=swapped: _dict(swapped)))
        return self._made(node, *offers) or self.generic_visit(node)

    def visit_Tuple(self, node: ast.Tuple) -> ast.AST:
        if not isinstance(node.ctx, ast.Load):
            return node
        offers = [
            (
                f"without {_short(one)}",
                lambda one=one: ast.Tuple([each for each in node.elts if each is not one], ast.Load()),
            )
            for one in node.elts
        ]
        return self._made(node, *offers) or self.generic_visit(node)


def _beside(value: int | float) -> tuple[int | float, int | float]:
    """The numbers next to one: a whole one, or one in steps of a tenth, of a hundredth below 1."""
    step = 1 if isinstance(value, int) else 0.01 if value < 1 else 0.1
    return round(value + step, 6), round(value - step, 6)


def _values_beside(argument: ast.expr, allowed: list[ast.expr]) -> tuple[object, ...]:
    """What may stand in the place of a default or of an end of a range."""
    value = ast.literal_eval(argument)
    if isinstance(value, bool):
        return (not value,)
    if isinstance(value, str):
        words = [ast.literal_eval(each) for each in allowed]
        return tuple(word for word in words if word != value and isinstance(word, str) and " " not in word)
    return _beside(value)


def _with_argument(node: ast.Call, place: int, value: object) -> Callable[[], ast.expr]:
    arguments = [*node.args[:place], ast.Constant(value), *node.args[place + 1 :]]  # type: ignore[arg-type]
    return lambda: ast.Call(node.func, arguments, node.keywords)


def _less(node: ast.Call, part: ast.expr) -> Callable[[], ast.expr]:
    """A condition with one of its parts less; of two parts the other one is left."""
    rest = [each for each in node.args if each is not part]
    return lambda: rest[0] if len(rest) == 1 else ast.Call(node.func, rest, node.keywords)


def _dict(pairs: list[tuple[ast.expr | None, ast.expr]]) -> ast.Dict:
    return ast.Dict([key for key, _ in pairs], [value for _, value in pairs])


def _short(node: ast.expr) -> str:
    text = " ".join(ast.unparse(node).split())
    return text if len(text) <= 70 else f"{text[:45]}…{text[-24:]}"
